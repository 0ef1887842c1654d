import { Fingerprints, type Fingerprint } from "../pipeline/fingerprints.ts";
import { KeyLog } from "./key-log.ts";

interface Generation {
  readonly records: Fingerprints;
  /** By slot of the record: the content of its newest item. */
  readonly contents: BigUint64Array;
  readonly keys: KeyLog;
  readonly madeMs: number;
  /** When Sell had accepted every key in here; null before. */
  confirmedMs: number | null;
  /** Complete sessions since then. */
  sessions: number;
}

/** A fingerprint of 16 bytes, and 8 of the content. */
const SLOT_BYTES = 24;

/** How long a key is remembered at least after Sell accepted it. */
const REMEMBERED_MS = 3_600_000;
/** A generation that is not full is closed after that time, so that it can be forgotten. */
const OPEN_MS = 900_000;

/** A generation that follows a full one is twice as large, so that a quiet connector needs little. */
const SMALLEST = 1 << 9;
const LARGEST = 1 << 18;

/**
 * Remembers, for each record, the newest item that was settled, and all acknowledgement keys,
 * until Sell can no longer hand them out again: a complete session and one hour.
 *
 * Kept flat, in generations that are forgotten as a whole: 24 bytes a slot, filled to 7/8, and
 * each key with four bytes before it. Keys as Sell makes them take under 100 bytes each.
 */
export class SettledMemory {
  /** Oldest first; the last one takes what is new. */
  #generations: Generation[] = [];
  /** Keys of the generations that are forgotten. */
  #forgotten = 0;

  /** What the memory takes, in bytes. */
  get bytes(): number {
    return this.#generations.reduce(
      (sum, { records, keys }) =>
        sum + records.capacity * SLOT_BYTES + keys.bytes,
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

  /** The keys that were noted after the first `noted` ones, as far as they are remembered. */
  keysSince(noted: number): string[] {
    let skipped = noted - this.#forgotten;
    return this.#generations.flatMap(({ keys }) => {
      const since = keys.keys(skipped);
      skipped -= keys.size;
      return since;
    });
  }

  /** Notes that an item was settled. `content` tells it from every other item of the record. */
  note(
    record: Fingerprint,
    content: bigint,
    ackKey: string,
    nowMs: number,
  ): void {
    const generation = this.#open(nowMs);
    const { slot } = generation.records.add(record);
    generation.contents[slot] = content;
    generation.confirmedMs = null;
    generation.sessions = 0;
    generation.keys.add(ackKey);
  }

  /** The content of the newest settled item of a record; null when none is remembered. */
  newest(record: Fingerprint): bigint | null {
    for (const { records, contents } of this.#generations.toReversed()) {
      const content = contents[records.find(record)];
      if (content !== undefined) return content;
    }
    return null;
  }

  /** A session was complete: Sell has handed out all that it had, and accepted every key. */
  sessionCompleted(nowMs: number): void {
    for (const generation of this.#generations) {
      if (generation.confirmedMs !== null) generation.sessions++;
      generation.confirmedMs ??= nowMs;
    }
  }

  /** Forgets what no longer needs to be remembered; answers the keys. */
  forget(nowMs: number): string[] {
    const isOver = ({ confirmedMs, sessions }: Generation) =>
      confirmedMs !== null &&
      sessions > 0 &&
      nowMs - confirmedMs >= REMEMBERED_MS;
    const over = this.#generations.filter(isOver);
    this.#generations = this.#generations.filter((one) => !isOver(one));
    const forgotten = over.flatMap(({ keys }) => keys.keys());
    this.#forgotten += forgotten.length;
    return forgotten;
  }

  #open(nowMs: number): Generation {
    const last = this.#generations.at(-1);
    if (
      last !== undefined &&
      !last.records.isFull &&
      nowMs - last.madeMs < OPEN_MS
    )
      return last;
    const capacity =
      last?.records.isFull === true
        ? Math.min(last.records.capacity * 2, LARGEST)
        : SMALLEST;
    const generation: Generation = {
      records: new Fingerprints(capacity),
      contents: new BigUint64Array(capacity),
      keys: new KeyLog(capacity * 8),
      madeMs: nowMs,
      confirmedMs: null,
      sessions: 0,
    };
    this.#generations.push(generation);
    return generation;
  }
}
