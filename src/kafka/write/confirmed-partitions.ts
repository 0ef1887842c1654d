import type { ICustomPartitioner, RecordMetadata } from "../client/kafkajs.ts";
import { partitionId, partitionOf } from "../client/partition-of.ts";

/**
 * Records which partitions kafkajs chooses for one send, and compares them with those that the
 * brokers confirmed. When a partition's leader moves during a send to a broker that has already
 * confirmed its part, kafkajs 2.2.4 (`sendMessages.js`, `responsePerBroker`) takes that answer
 * for the moved partition too: it never sends those records, and the send succeeds.
 */
export class ConfirmedPartitions {
  readonly #chosen = new Set<string>();
  readonly #counts = new Map<string, number>();
  #grewWithin: string | null = null;

  /** Chooses as Java's default partitioner does, and records what it chooses. */
  readonly partitioner: ICustomPartitioner =
    () =>
    ({ topic, partitionMetadata: { length: count }, message }) => {
      const partition =
        message.partition ?? partitionOf(message.key ?? "", count);
      if ((this.#counts.get(topic) ?? count) !== count)
        this.#grewWithin = topic;
      this.#counts.set(topic, count);
      this.#chosen.add(partitionId({ topic, partition }));
      return partition;
    };

  /** Forgets the choices of the previous send. */
  reset(): void {
    this.#chosen.clear();
    this.#counts.clear();
    this.#grewWithin = null;
  }

  /** Throws when the answers to a send do not confirm every partition of it. */
  verify(answers: readonly RecordMetadata[]): void {
    const missing = new Set(this.#chosen);
    for (const { topicName: topic, partition } of answers)
      missing.delete(partitionId({ topic, partition }));
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
