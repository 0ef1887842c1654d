import type { Kafka } from "kafkajs";
import { createKafka } from "../../src/kafka/client/connection.ts";
import { loadRanges, readRanges } from "../../src/kafka/read/read-ranges.ts";
import { systemClock } from "../../src/lib/clock.ts";

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
export async function readTopicsAt(
  brokers: readonly string[],
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  const { signal } = new AbortController();
  const connection = { kafka: kafkaAt(brokers), clock: systemClock };
  const ranges = await loadRanges(connection, isWanted, signal);
  const records: Consumed[] = [];
  await readRanges(
    connection,
    ranges.filter(({ from, to }) => from < to),
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
  return records;
}
