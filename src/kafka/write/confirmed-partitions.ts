import type { ICustomPartitioner, RecordMetadata } from "../client/kafkajs.ts";
import { partitionOf } from "../client/partition-of.ts";

/**
 * Watches which partitions kafkajs chooses for one send, and compares them with those that the
 * brokers confirmed. When a partition's leader moves during a send to a broker that has already
 * confirmed its own part, kafkajs 2.2.4 (`sendMessages.js`, `responsePerBroker`) takes that
 * answer for the moved partition too: its records are never sent, and the send succeeds.
 */
export class ConfirmedPartitions {
  readonly #chosen = new Set<string>();
  readonly #counts = new Map<string, number>();
  #grewWithin: string | null = null;

  /** Java's murmur2, with an eye on its choices. */
  readonly partitioner: ICustomPartitioner =
    () =>
    ({ topic, partitionMetadata: { length: count }, message }) => {
      const partition =
        message.partition ?? partitionOf(message.key ?? "", count);
      if ((this.#counts.get(topic) ?? count) !== count)
        this.#grewWithin = topic;
      this.#counts.set(topic, count);
      this.#chosen.add(`${topic} ${partition}`);
      return partition;
    };

  /** Another send begins. */
  reset(): void {
    this.#chosen.clear();
    this.#counts.clear();
    this.#grewWithin = null;
  }

  /** Throws when the answers to a send do not speak for every record of it. */
  verify(answers: readonly RecordMetadata[]): void {
    const missing = new Set(this.#chosen);
    for (const { topicName, partition } of answers)
      missing.delete(`${topicName} ${partition}`);
    if (missing.size > 0)
      throw new Error(
        `the brokers confirmed nothing for ${[...missing].join(", ")}: its leader moved during the write`,
      );
    if (this.#grewWithin !== null)
      throw new Error(
        `topic ${this.#grewWithin} got more partitions during the write`,
      );
  }
}
