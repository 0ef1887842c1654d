import {
  placeOf,
  type WholeRange,
  type StoredRecord,
} from "./partition-reader.ts";
import { readRanges, type Connection } from "./read-ranges.ts";

/**
 * The newest wanted record of each range, found by reading it backwards; ranges without one are
 * missing. `firstStep` is how many offsets are read first; each step back is twice the one before.
 * Rejects as `readRanges` does.
 */
export async function newestIn(
  connection: Connection,
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
      connection,
      ends,
      (records) => {
        for (const record of records)
          if (isWanted(record)) newest.set(placeOf(record), record);
      },
      signal,
    );
    open = open
      .map((range, index) => ({
        ...range,
        to: ends[index]?.from ?? range.from,
      }))
      .filter((range) => range.from < range.to && !newest.has(placeOf(range)));
  }
  return [...newest.values()];
}
