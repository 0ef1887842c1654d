import type { Clock } from "../../lib/clock.ts";

/** Smaller differences come from the resolution of the two clocks, not from somebody setting one. */
const SMALLEST_LEAP_MS = 1_000;

/** Reading the uptime takes a system call, at each event of each connector. A suspended machine is noticed within this time. */
const UPTIME_EVERY_MS = 1_000;

/**
 * Timestamps whose distances stay right when somebody sets the wall clock. They are converted to
 * the wall clock only when they are shown, by its setting at that time.
 */
export class SteadyClock {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  #readMs = -Infinity;
  /** How far the uptime is ahead of the monotonic clock. */
  #aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.epochMs() - clock.uptimeMs();
  }

  /** Milliseconds since the epoch, by the wall clock's setting when this object was created. */
  get nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    if (monotonicMs - this.#readMs >= UPTIME_EVERY_MS) {
      this.#readMs = monotonicMs;
      this.#aheadMs = this.#clock.uptimeMs() - monotonicMs;
    }
    return monotonicMs + this.#aheadMs + this.#offsetMs;
  }

  /** Converts a timestamp of this clock to the wall clock's present setting. */
  toWallClockMs(timestampMs: number): number {
    const leapMs = this.#clock.epochMs() - this.nowMs;
    const isLeap = Math.abs(leapMs) >= SMALLEST_LEAP_MS;
    return Math.round(isLeap ? timestampMs + leapMs : timestampMs);
  }
}
