import { newestIn } from "./newest-in.ts";
import { partitionOf } from "../client/partition-of.ts";
import type { StoredRecord } from "./partition-reader.ts";
import { rangesOf } from "./ranges.ts";
import type { Connection } from "./read-ranges.ts";

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
  const ranges = await rangesOf(connection, (name) => name === topic, signal);
  if (ranges.length === 0) return "no topic";
  const partition = partitionOf(key, ranges.length);
  const [latest] = await newestIn(
    connection,
    ranges.filter((range) => range.partition === partition),
    (record) => record.key === key,
    FIRST_STEP,
    signal,
  );
  return latest ?? null;
}
