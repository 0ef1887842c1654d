import { partitionId } from "../kafka/client/partition-of.ts";
import type {
  StoredRecord,
  WholeRange,
} from "../kafka/read/partition-reader.ts";

/** Counts the offsets that are read, those without a record too. */
export class OffsetCount {
  /** The next offset of each partition. */
  readonly #next: Map<string, bigint>;
  done = 0;

  constructor(ranges: readonly WholeRange[]) {
    this.#next = new Map(ranges.map((one) => [partitionId(one), one.from]));
  }

  /** Takes the next records of a partition. Returns how many offsets they add. */
  take(records: readonly StoredRecord[]): number {
    const last = records.at(-1);
    if (last === undefined) return 0;
    const id = partitionId(last);
    const after = last.offset + 1n;
    const next = this.#next.get(id) ?? after;
    // A read that is tried again may bring records that were counted.
    if (after <= next) return 0;
    const added = Number(after - next);
    this.#next.set(id, after);
    this.done += added;
    return added;
  }
}
