import type { Clock } from "../../lib/clock.ts";

/** Less than this is no change of the wall clock, but the steps of the other one. */
const SMALLEST_LEAP_MS = 1_000;

/**
 * Moments that keep their distance when somebody sets the wall clock. They are told as the wall
 * clock is by then, so that what it showed wrongly before is put right.
 */
export class Moments {
  readonly #clock: Clock;
  readonly #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.epochMs() - clock.uptimeMs();
  }

  /** Milliseconds since the epoch, by what the wall clock showed at the start. */
  get nowMs(): number {
    return this.#clock.uptimeMs() + this.#offsetMs;
  }

  /** What the wall clock would have shown at a moment, as it is set now. */
  told(momentMs: number): number {
    const leapMs = this.#clock.epochMs() - this.nowMs;
    const isLeap = Math.abs(leapMs) >= SMALLEST_LEAP_MS;
    return Math.round(isLeap ? momentMs + leapMs : momentMs);
  }
}
