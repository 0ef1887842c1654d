import type { AckKey } from "../domain/change.ts";
import { ThrottledFault } from "../domain/faults.ts";
import type { Attempt, Observer } from "../domain/observer.ts";
import type { Source } from "../domain/ports.ts";
import type { Clock } from "../lib/clock.ts";
import { DistinctCounter } from "../lib/distinct-counter.ts";

/** For so long after a new key was acknowledged, drains follow each other at the shortest wait. */
const LIVE_MS = 10_000;

/** Some 40,000 keys of the recent past are remembered, in half a megabyte. */
const REMEMBERED_SLOTS = 1 << 16;

export interface PollIntervals {
  /** The wait while changes come. */
  readonly minPollIntervalMs: number;
  /** The longest wait. */
  readonly pollIntervalMs: number;
}

/**
 * The wait between drains: short while new keys are acknowledged, then twice as long after each
 * drain. Items that are deferred, have no key, or come again although they were acknowledged
 * do not keep it short. A drain that Sell throttled makes the wait longer.
 */
export class PollPace {
  readonly #clock: Clock;
  readonly #shortestMs: number;
  readonly #longestMs: number;
  readonly #knownKeys = new DistinctCounter(REMEMBERED_SLOTS);
  #waitMs: number;
  #lastNewKeyMs = -Infinity;
  #wasThrottled = false;

  constructor(
    { minPollIntervalMs, pollIntervalMs }: PollIntervals,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.#shortestMs = Math.min(minPollIntervalMs, pollIntervalMs);
    this.#longestMs = pollIntervalMs;
    this.#waitMs = this.#shortestMs;
  }

  /** Returns the source, so that its accepted acknowledgements are noted. */
  watch(source: Source): Source {
    return {
      open: (signal) => source.open(signal),
      acknowledge: async (keys, signal) => {
        await source.acknowledge(keys, signal);
        this.#acknowledged(keys);
      },
    };
  }

  /** Notes the attempts that Sell throttled. */
  readonly observer: Partial<Observer> = {
    retrying: (_what: Attempt, error: unknown) => {
      if (error instanceof ThrottledFault) this.#wasThrottled = true;
    },
  };

  /** Returns the wait after the drain that has just ended. */
  nextWaitMs(): number {
    const isLive = this.#clock.monotonicMs() - this.#lastNewKeyMs <= LIVE_MS;
    this.#waitMs =
      isLive && !this.#wasThrottled
        ? this.#shortestMs
        : Math.min(2 * this.#waitMs, this.#longestMs);
    this.#wasThrottled = false;
    return this.#waitMs;
  }

  #acknowledged(keys: readonly AckKey[]): void {
    let hasNew = false;
    for (const key of keys) if (this.#knownKeys.add(key)) hasNew = true;
    if (hasNew) this.#lastNewKeyMs = this.#clock.monotonicMs();
  }
}
