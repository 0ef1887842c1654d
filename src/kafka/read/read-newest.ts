import { partitionId } from "../client/partition-of.ts";
import type { StoredRecord, WholeRange } from "./partition-reader.ts";
import { readRanges, type ReadContext } from "./read-ranges.ts";

/**
 * Returns the newest wanted record of each range, and nothing for a range without one. Reads each
 * range backwards: first its last `firstStep` offsets, then twice as many in each step. Rejects as
 * `readRanges` does.
 */
export async function readNewest(
  context: ReadContext,
  ranges: readonly WholeRange[],
  isWanted: (record: StoredRecord) => boolean,
  firstStep: bigint,
  signal: AbortSignal,
): Promise<StoredRecord[]> {
  const newest = new Map<string, StoredRecord>();
  let open = ranges.filter(({ from, to }) => from < to);
  for (let step = firstStep; open.length > 0; step *= 2n) {
    const ends = open.map((range) => {
      const from = range.to - step;
      return from > range.from ? { ...range, from } : range;
    });
    await readRanges(
      context,
      ends,
      (records) => {
        for (const record of records)
          if (isWanted(record)) newest.set(partitionId(record), record);
      },
      signal,
    );
    open = open
      .map((range, index) => ({
        ...range,
        to: ends[index]?.from ?? range.from,
      }))
      .filter(
        (range) => range.from < range.to && !newest.has(partitionId(range)),
      );
  }
  return [...newest.values()];
}
