import { partitionOf } from "./partition-of.ts";
import type { StoredRecord } from "./partition-reader.ts";
import { rangesOf } from "./ranges.ts";
import { readRanges, type Connection } from "./read-ranges.ts";

/** How many offsets are read first; each step back is as long as all before it. */
const FIRST_STEP = 10_000n;

/**
 * The newest committed record of a key, found by reading its one partition backwards; null when
 * it has none, `no topic` when the topic does not exist. Rejects as `readRanges` does.
 */
export async function latestRecord(
  connection: Connection,
  { topic, key }: { readonly topic: string; readonly key: string },
  signal: AbortSignal,
): Promise<StoredRecord | null | "no topic"> {
  const ranges = await rangesOf(
    connection.kafka,
    (name) => name === topic,
    signal,
  );
  if (ranges.length === 0) return "no topic";
  const partition = partitionOf(key, ranges.length);
  const range = ranges.find((one) => one.partition === partition);
  if (range === undefined) return null;
  const found: StoredRecord[] = [];
  // The last step has no end: what is in a transaction that ends now is newer.
  let to: bigint | undefined;
  for (let end = range.to, step = FIRST_STEP; ; end -= step, step *= 2n) {
    const from = end - step > range.from ? end - step : range.from;
    await readRanges(
      connection,
      [{ topic, partition, from, ...(to !== undefined && { to }) }],
      (records) => {
        found.push(...records.filter((record) => record.key === key).slice(-1));
      },
      signal,
    );
    const latest = found.at(-1);
    if (latest !== undefined) return latest;
    if (from === range.from) return null;
    to = from;
  }
}
