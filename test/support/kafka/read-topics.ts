import type { Kafka } from "kafkajs";
import { createKafka } from "../../../src/kafka/client/connection.ts";
import { partitionId } from "../../../src/kafka/client/partition-of.ts";
import { loadRanges, readRanges } from "../../../src/kafka/read/read-ranges.ts";
import { systemClock } from "../../../src/lib/clock.ts";

export interface Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function kafkaAt(brokers: readonly string[]): Kafka {
  return createKafka({ brokers, clientId: "test", debug: () => undefined });
}

/**
 * Everything in the topics that a predicate chooses, up to now, in the order of each partition:
 * what a read_committed consumer gets once every transaction that has begun has ended.
 */
export function readTopicsAt(
  brokers: readonly string[],
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  return new TopicFollower(brokers, isWanted).next();
}

/** Reads topics on and on, as `readTopicsAt` does. */
export class TopicFollower {
  readonly #connection;
  readonly #isWanted: (topic: string) => boolean;
  /** Where reading goes on, by partition. */
  #ends = new Map<string, bigint>();

  constructor(
    brokers: readonly string[],
    isWanted: (topic: string) => boolean,
  ) {
    this.#connection = { kafka: kafkaAt(brokers), clock: systemClock };
    this.#isWanted = isWanted;
  }

  /** What came since the last call; a topic must not be deleted meanwhile. */
  async next(): Promise<Consumed[]> {
    const { signal } = new AbortController();
    const ranges = await loadRanges(this.#connection, this.#isWanted, signal);
    const unread = ranges.map((range) => ({
      ...range,
      from: this.#ends.get(partitionId(range)) ?? range.from,
    }));
    const records: Consumed[] = [];
    await readRanges(
      this.#connection,
      unread.filter(({ from, to }) => from < to),
      (read) => {
        for (const { topic, partition, offset, key, value, headers } of read)
          records.push({
            topic,
            partition,
            offset: String(offset),
            key,
            value,
            headers: Object.fromEntries(
              Object.entries(headers ?? {}).map(([name, one]) => [
                name,
                String(one),
              ]),
            ),
          });
      },
      signal,
    );
    this.#ends = new Map(ranges.map((range) => [partitionId(range), range.to]));
    return records;
  }
}
