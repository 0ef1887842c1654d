import { abortable } from "../../lib/abortable.ts";
import { errorTypeOf } from "../client/errors.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import {
  lostRecords,
  type Chunk,
  type StoredRecord,
} from "./fetch-committed.ts";
import type { Follower, TakeOwn } from "./follower.ts";

/** How a partition is read. */
export interface PartitionSource extends TopicPartition {
  loadOffset(which: "earliest" | "latest"): Promise<bigint>;
  /** The records of one fetch at an offset, up to an end. */
  fetch(from: bigint, to: bigint): Promise<Chunk>;
}

/** A call that waits until its follower has everything up to the end, as it is after the call. */
interface Reading {
  readonly follower: Follower;
  readonly take: TakeOwn;
  end: bigint | null;
  readonly done: PromiseWithResolvers<bigint>;
}

/**
 * Reads a partition once for all its followers, while one of them asks for it: each fetch serves
 * all whose position it covers. Records that belong to none of them are dropped.
 */
export class PartitionFeed {
  readonly #source: PartitionSource;
  readonly #ownerOf: (key: string) => string;
  readonly #followers = new Set<Follower>();
  #readings: Reading[] = [];
  #isReading = false;
  #isTurnOfLast = false;
  /** The furthest that was read for anybody. */
  #end = 0n;

  constructor(source: PartitionSource, ownerOf: (key: string) => string) {
    this.#source = source;
    this.#ownerOf = ownerOf;
  }

  /**
   * Reads from an offset to the high watermark, as it is after the call, and waits for the end of
   * transactions that are open there. `take` gets the follower's own records. Returns the offset
   * to resume from. Rejects with a LostRecords error, kafkajs's, or the signal's reason.
   */
  async read(
    follower: Follower,
    from: bigint,
    take: TakeOwn,
    signal: AbortSignal,
  ): Promise<bigint> {
    signal.throwIfAborted();
    this.#followers.add(follower);
    const held = follower.resume(from);
    if (held.length > 0) take(held);
    const done = Promise.withResolvers<bigint>();
    const reading: Reading = { follower, take, end: null, done };
    this.#readings.push(reading);
    void this.#run();
    try {
      return await abortable(done.promise, signal);
    } finally {
      this.#readings = this.#readings.filter((one) => one !== reading);
    }
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
  }

  async #run(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#readings.length > 0) await this.#step();
    } catch (error) {
      const failed = this.#readings;
      this.#readings = [];
      for (const { done } of failed) done.reject(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #step(): Promise<void> {
    if (this.#readings.some(({ end }) => end === null)) await this.#loadEnd();
    this.#settle();
    const next = this.#next();
    if (next === null) return;
    const from = this.#startOf(next);
    try {
      const chunk = await this.#source.fetch(from, next.end ?? from);
      this.#handOut(from, chunk);
    } catch (error) {
      if (errorTypeOf(error) !== "OFFSET_OUT_OF_RANGE") throw error;
      const start = await this.#source.loadOffset("earliest");
      if (start <= from) throw error;
      this.#handOut(from, { records: [], next: start });
    }
    this.#settle();
  }

  /** Only readings that began before the request may end there. */
  async #loadEnd(): Promise<void> {
    const asking = this.#readings.filter(({ end }) => end === null);
    const latest = await this.#source.loadOffset("latest");
    for (const reading of asking) {
      reading.end = latest;
      const position = reading.follower.position ?? 0n;
      if (position <= latest) continue;
      reading.follower.fallBehind();
      this.#forget(reading);
      reading.done.reject(lostRecords(this.#source, latest, position));
    }
  }

  /** By turns the last and the first one: neither a long history nor an open transaction keeps the others waiting. */
  #next(): Reading | null {
    const [one, ...others] = this.#readings.filter(({ end }) => end !== null);
    if (one === undefined) return null;
    const isLast = (this.#isTurnOfLast = !this.#isTurnOfLast);
    return others.reduce(
      (best, other) =>
        positionOf(other) > positionOf(best) === isLast ? other : best,
      one,
    );
  }

  /** Begins where others that follow have got to: a reading that skipped some would leave them behind. */
  #startOf(reading: Reading): bigint {
    const waiting = new Set(this.#readings.map(({ follower }) => follower));
    let start = positionOf(reading);
    for (const follower of this.#followers) {
      const { position } = follower;
      if (position === null || waiting.has(follower)) continue;
      if (position >= this.#end && position < start) start = position;
    }
    return start;
  }

  #handOut(from: bigint, { records, next }: Chunk): void {
    if (next > this.#end) this.#end = next;
    const covered = [...this.#followers].filter(
      ({ position }) =>
        position !== null && position >= from && position < next,
    );
    const taking = new Map(
      this.#readings.map((reading) => [reading.follower, reading]),
    );
    const byOwner = Map.groupBy(covered, ({ owner }) => owner);
    const own = new Map<Follower, StoredRecord[]>();
    for (const record of records)
      for (const follower of byOwner.get(this.#ownerOf(record.key)) ?? [])
        if (record.offset >= (follower.position ?? 0n)) {
          const known = own.get(follower);
          if (known === undefined) own.set(follower, [record.stored()]);
          else known.push(record.stored());
        }
    for (const follower of covered) {
      const reading = taking.get(follower);
      try {
        follower.advance(next, own.get(follower) ?? [], reading?.take ?? null);
      } catch (error) {
        if (reading !== undefined) this.#forget(reading);
        reading?.done.reject(error);
      }
    }
  }

  #settle(): void {
    for (const reading of this.#readings) {
      const position = positionOf(reading);
      if (reading.end === null || position < reading.end) continue;
      this.#forget(reading);
      reading.done.resolve(position);
    }
  }

  #forget(reading: Reading): void {
    this.#readings = this.#readings.filter((one) => one !== reading);
  }
}

function positionOf({ follower }: Reading): bigint {
  return follower.position ?? 0n;
}
