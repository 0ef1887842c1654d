import { Fingerprints, type Fingerprint } from "../../lib/fingerprints.ts";
import type { Change } from "../../domain/change.ts";
import { notAbove } from "../revision-memory.ts";

/** Items of one kind, by slot of their record: when the last one was settled, and the highest revision. */
interface Latest {
  readonly orders: Float64Array;
  readonly revisions: Float64Array;
}

/** A fingerprint of 16 bytes, and twice an order and a revision of 8. */
const SLOT_BYTES = 48;
const SMALLEST = 1 << 5;

/** Stands for a missing revision: any other revision may be as new. */
const UNKNOWN = -Infinity;

/** Remembers of deleted records when they were deleted last, and when they came back after that. */
export class LastDeletes {
  #records = new Fingerprints(SMALLEST);
  #deletes = latestOf(SMALLEST);
  #others = latestOf(SMALLEST);

  /** What it takes of the memory, in bytes. */
  get bytes(): number {
    return this.#records.capacity * SLOT_BYTES;
  }

  noteDelete(
    record: Fingerprint,
    order: number,
    revision: Change["revision"],
  ): void {
    if (this.#records.isFull) this.#grow();
    const { slot, isNew } = this.#records.add(record);
    if (isNew) this.#others.orders[slot] = -1;
    note(this.#deletes, slot, isNew, order, revision);
  }

  /** Notes an item that is no delete; one of a record without a delete tells nothing. */
  noteOther(
    record: Fingerprint,
    order: number,
    revision: Change["revision"],
  ): void {
    const slot = this.#records.find(record);
    if (slot < 0) return;
    const isNew = (this.#others.orders[slot] ?? -1) < 0;
    note(this.#others, slot, isNew, order, revision);
  }

  /**
   * True when a record's delete, or else another item of it, was settled behind `order` and is not
   * known to be of a higher revision.
   */
  isOvertaken(
    record: Fingerprint,
    by: "delete" | "other",
    order: number,
    revision: Change["revision"],
  ): boolean {
    const slot = this.#records.find(record);
    const { orders, revisions } =
      by === "delete" ? this.#deletes : this.#others;
    if (slot < 0 || (orders[slot] ?? -1) < order) return false;
    return revision === null || (revisions[slot] ?? UNKNOWN) <= revision;
  }

  #grow(): void {
    const [records, deletes, others] = [
      this.#records,
      this.#deletes,
      this.#others,
    ];
    const capacity = records.capacity * 2;
    this.#records = new Fingerprints(capacity);
    this.#deletes = latestOf(capacity);
    this.#others = latestOf(capacity);
    this.#records.addAll(records, (from, to) => {
      copy(deletes, from, this.#deletes, to);
      copy(others, from, this.#others, to);
    });
  }
}

function latestOf(capacity: number): Latest {
  return {
    orders: new Float64Array(capacity),
    revisions: new Float64Array(capacity),
  };
}

function note(
  { orders, revisions }: Latest,
  slot: number,
  isFirst: boolean,
  order: number,
  revision: Change["revision"],
): void {
  orders[slot] = isFirst ? order : Math.max(orders[slot] ?? -1, order);
  // A rounded revision may seem equal to another one, never higher than it is.
  const known = isFirst ? UNKNOWN : (revisions[slot] ?? UNKNOWN);
  revisions[slot] =
    revision === null ? UNKNOWN : Math.max(known, notAbove(revision));
}

function copy(from: Latest, at: number, to: Latest, slot: number): void {
  to.orders[slot] = from.orders[at] ?? -1;
  to.revisions[slot] = from.revisions[at] ?? UNKNOWN;
}
