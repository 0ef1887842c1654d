import type { Kafka } from "kafkajs";
import type { PartitionRange, StoredRecord } from "./partition-reader.ts";
import { rangesOf } from "./ranges.ts";
import { readRanges } from "./read-ranges.ts";
import { systemClock } from "../pipeline/clock.ts";

/** How far before a partition's end is looked for its last record, further each time. */
const STEPS = [2n, 32n, 1_024n];

/**
 * The last record of every partition of these topics; missing where more than a thousand offsets
 * at the end hold none: markers of transactions, or what compaction left. Rejects with an
 * UnavailableFault, or a TypeFault when the principal may not read them.
 */
export async function newestRecords(
  kafka: Kafka,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<StoredRecord[]> {
  const wanted = new Set(topics);
  const newest = new Map<string, StoredRecord>();
  const ranges = await rangesOf(kafka, (topic) => wanted.has(topic), signal);
  let open = ranges.filter(({ from, to }) => from < to);
  for (const step of STEPS) {
    const ends = open.map((range) => {
      const start = range.to - step;
      return start > range.from ? { ...range, from: start } : range;
    });
    await readRanges(
      { kafka, clock: systemClock },
      ends,
      (records) => {
        for (const record of records) newest.set(placeOf(record), record);
      },
      signal,
    );
    open = open.filter((range) => !newest.has(placeOf(range)));
  }
  return [...newest.values()];
}

function placeOf({ topic, partition }: PartitionPlace): string {
  return `${topic} ${partition}`;
}

type PartitionPlace = Pick<PartitionRange, "topic" | "partition">;
