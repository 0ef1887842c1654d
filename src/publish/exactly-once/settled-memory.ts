import type { Change } from "../../domain/change.ts";
import { Fingerprints, type Fingerprint } from "../../lib/fingerprints.ts";
import { KeyLog } from "./key-log.ts";
import { LastDeletes } from "./last-deletes.ts";

interface Generation {
  readonly items: Fingerprints;
  /** By slot of the item: when it was settled. */
  readonly orders: Float64Array;
  readonly deletes: LastDeletes;
  readonly keys: KeyLog;
  readonly madeMs: number;
  /** When Sell had accepted every key in here; null before. */
  confirmedMs: number | null;
  /** Complete sessions since then. */
  sessions: number;
}

/** A fingerprint of 16 bytes, and 8 of the order. */
const SLOT_BYTES = 24;

/** How long a key is remembered at least after Sell accepted it. */
const REMEMBERED_MS = 3_600_000;
/** A generation that is not full is closed after that time, so that it can be forgotten. */
const OPEN_MS = 900_000;

/** A generation that follows a full one is twice as large, so that a quiet connector needs little. */
const SMALLEST = 1 << 9;
const LARGEST = 1 << 18;

/** One item, as the memory knows it. */
export interface SettledItem {
  /** The fingerprint of its ack key, kind of event and data. */
  readonly print: Fingerprint;
  /** The fingerprint of its record; null when it was not published, or is no change of a record. */
  readonly record: Fingerprint | null;
  readonly isDelete: boolean;
  readonly revision: Change["revision"];
}

/**
 * Remembers all items that were settled, the deletes among them by record, and all
 * acknowledgement keys, until Sell can no longer hand them out again: a complete session and
 * one hour. Times are of a monotonic clock.
 *
 * Kept flat, in generations that are forgotten as a whole: 24 bytes a slot, filled to 7/8, 48
 * more for a delete, and each key with four bytes before it. Keys as Sell makes them take under
 * 100 bytes each.
 */
export class SettledMemory {
  /** Oldest first; the last one takes what is new. */
  #generations: Generation[] = [];
  /** Keys of the generations that are forgotten. */
  #forgotten = 0;

  /** What the memory takes, in bytes. */
  get bytes(): number {
    return this.#generations.reduce(
      (sum, { items, deletes, keys }) =>
        sum + items.capacity * SLOT_BYTES + deletes.bytes + keys.bytes,
      0,
    );
  }

  /** How many keys were noted since the beginning. */
  get noted(): number {
    return this.#generations.reduce(
      (sum, { keys }) => sum + keys.size,
      this.#forgotten,
    );
  }

  /** How many of the keys that were noted first are forgotten. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The keys that were noted after the first `noted` ones, as far as they are remembered. */
  keysSince(noted: number): string[] {
    let skipped = noted - this.#forgotten;
    return this.#generations.flatMap(({ keys }) => {
      const since = keys.keys(skipped);
      skipped -= keys.size;
      return since;
    });
  }

  /** Notes that an item was settled; `order` rises with each that is settled later. */
  note(
    { print, record, isDelete, revision }: SettledItem,
    order: number,
    ackKey: string,
    nowMs: number,
  ): void {
    const generation = this.#open(nowMs);
    const { slot } = generation.items.add(print);
    generation.orders[slot] = Math.max(generation.orders[slot] ?? 0, order);
    generation.confirmedMs = null;
    generation.sessions = 0;
    generation.keys.add(ackKey);
    if (record === null) return;
    if (isDelete) generation.deletes.noteDelete(record, order, revision);
    else
      for (const { deletes } of this.#generations)
        deletes.noteOther(record, order, revision);
  }

  /**
   * True when the item was settled, and no item of the opposite kind (a delete, or no delete) of
   * its record was published since, but for one of a higher revision: then the item is an old one.
   */
  knows({ print, record, isDelete, revision }: SettledItem): boolean {
    const order = this.#orderOf(print);
    if (order < 0 || record === null) return order >= 0;
    const opposite = isDelete ? "other" : "delete";
    return !this.#generations.some(({ deletes }) =>
      deletes.isOvertaken(record, opposite, order, revision),
    );
  }

  /** A session was complete: Sell has handed out all that it had, and accepted every key. */
  sessionCompleted(nowMs: number): void {
    for (const generation of this.#generations) {
      if (generation.confirmedMs !== null) generation.sessions++;
      generation.confirmedMs ??= nowMs;
    }
  }

  /** Forgets what no longer needs to be remembered; answers the keys of which nothing is left. */
  forget(nowMs: number): string[] {
    const isOver = ({ confirmedMs, sessions }: Generation) =>
      confirmedMs !== null &&
      sessions > 0 &&
      nowMs - confirmedMs >= REMEMBERED_MS;
    const over = this.#generations.filter(isOver);
    this.#generations = this.#generations.filter((one) => !isOver(one));
    if (over.length === 0) return [];
    const forgotten = over.flatMap(({ keys }) => keys.keys());
    this.#forgotten += forgotten.length;
    // A key that was settled again, with other data, has an entry that still counts.
    const unused = new Set(forgotten);
    for (const { keys } of this.#generations)
      for (const key of keys.keys()) unused.delete(key);
    return [...unused];
  }

  /** When an item was settled last; -1 when it is not remembered. */
  #orderOf(print: Fingerprint): number {
    let order = -1;
    for (const { items, orders } of this.#generations) {
      const slot = items.find(print);
      if (slot >= 0) order = Math.max(order, orders[slot] ?? -1);
    }
    return order;
  }

  #open(nowMs: number): Generation {
    const last = this.#generations.at(-1);
    if (
      last !== undefined &&
      !last.items.isFull &&
      nowMs - last.madeMs < OPEN_MS
    )
      return last;
    const capacity =
      last?.items.isFull === true
        ? Math.min(last.items.capacity * 2, LARGEST)
        : SMALLEST;
    const generation: Generation = {
      items: new Fingerprints(capacity),
      orders: new Float64Array(capacity),
      deletes: new LastDeletes(),
      keys: new KeyLog(capacity * 8),
      madeMs: nowMs,
      confirmedMs: null,
      sessions: 0,
    };
    this.#generations.push(generation);
    return generation;
  }
}

/** Items of one write share its number, and are numbered within it. */
const STEP_WITHIN_WRITE = 2 ** -20;

/** Numbers items in the order in which they were settled, by the number of their write. */
export class SettlingOrder {
  #last = 0;

  next(seq: number): number {
    const isSameWrite = Math.floor(this.#last) === seq;
    this.#last = isSameWrite ? this.#last + STEP_WITHIN_WRITE : seq;
    return this.#last;
  }
}
