import type { StoredRecord } from "./fetch-committed.ts";

/** Takes the records of a follower's owner, in their order. */
export type TakeOwn = (records: readonly StoredRecord[]) => void;

/** Above this number of records, a follower that reads nothing is left behind. */
const MOST_HELD = 1_000;

/** One owner's view of a partition: it gets its own records of all that anybody reads there. */
export class Follower {
  readonly owner: string;
  /** Between these offsets its records are held. */
  #heldFrom = 0n;
  #position: bigint | null = null;
  #held: StoredRecord[] = [];

  constructor(owner: string) {
    this.owner = owner;
  }

  /** Up to where the partition was read for it; null before, and once it was left behind. */
  get position(): bigint | null {
    return this.#position;
  }

  /** Goes on at an offset; returns what it holds from there on. */
  resume(from: bigint): readonly StoredRecord[] {
    const isKnown =
      this.#position !== null &&
      from >= this.#heldFrom &&
      from <= this.#position;
    const held = isKnown
      ? this.#held.filter(({ offset }) => offset >= from)
      : [];
    if (!isKnown) this.#position = from;
    this.#held = [];
    this.#heldFrom = this.#position ?? from;
    return held;
  }

  /** Takes its records at once when `take` is there; holds them otherwise. */
  advance(
    next: bigint,
    records: readonly StoredRecord[],
    take: TakeOwn | null,
  ): void {
    this.#position = next;
    if (take !== null) {
      this.#heldFrom = next;
      if (records.length > 0) take(records);
      return;
    }
    for (const record of records) this.#held.push(apart(record));
    if (this.#held.length > MOST_HELD) this.fallBehind();
  }

  fallBehind(): void {
    this.#position = null;
    this.#held = [];
  }
}

/** The record without the memory of the answer that it came in. */
function apart(record: StoredRecord): StoredRecord {
  const { value } = record;
  return { ...record, value: value === null ? null : Buffer.from(value) };
}
