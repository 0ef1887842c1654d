import type { Clock } from "../lib/clock.ts";
import { PollBudget } from "./poll-budget.ts";

const FASTEST_RECOVERY_STEP = 0.02;
const LOWEST_SHARE = 0.05;

/**
 * Spaces the starts of all requests that share a token: two are never closer than 1/rate.
 * The rate halves when Sell throttles and climbs back to its ceiling with each success.
 *
 * Sell allows 10 requests per second and token, and documents no header that tells what is left.
 */
export class RateLimiter {
  /** The part of the rate that polling may take. */
  readonly polling: PollBudget;
  readonly #clock: Clock;
  #ceiling: number;
  #rate: number;
  #lastStartMs = -Infinity;
  #loweredMs = -Infinity;
  #heldUntilMs = -Infinity;
  #line: Promise<unknown> = Promise.resolve();

  constructor(requestsPerSecond: number, clock: Clock) {
    this.#ceiling = requestsPerSecond;
    this.#rate = requestsPerSecond;
    this.#clock = clock;
    this.polling = new PollBudget(() => this.#rate, clock);
  }

  /** Requests per second that are allowed at present. */
  get rate(): number {
    return this.#rate;
  }

  /** Changes the ceiling; the rate climbs to a higher one as it does after throttling. */
  set ceiling(requestsPerSecond: number) {
    this.#ceiling = requestsPerSecond;
    this.#rate = Math.min(this.#rate, requestsPerSecond);
  }

  /** Resolves when the caller may start one request, with that moment, for `throttled`. */
  async turn(signal: AbortSignal): Promise<number> {
    const before = this.#line;
    const mine = Promise.withResolvers<undefined>();
    this.#line = mine.promise;
    try {
      await before;
      signal.throwIfAborted();
      for (;;) {
        const waitMs = this.#nextStartMs() - this.#clock.monotonicMs();
        if (waitMs <= 0) break;
        await this.#clock.sleep(waitMs, signal);
      }
      this.#lastStartMs = this.#clock.monotonicMs();
      return this.#lastStartMs;
    } finally {
      mine.resolve(undefined);
    }
  }

  /** A connection was opened: the request that waited for it starts only now. */
  connected(): void {
    this.#lastStartMs = this.#clock.monotonicMs();
  }

  /** Sell throttled a request that started at `startedMs`. Requests that were under way together lower the rate once. */
  throttled(startedMs: number, retryAfterMs: number | null): void {
    const nowMs = this.#clock.monotonicMs();
    if (retryAfterMs !== null)
      this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + retryAfterMs);
    if (startedMs < this.#loweredMs) return;
    this.#loweredMs = nowMs;
    this.#rate = Math.max(this.#rate / 2, this.#ceiling * LOWEST_SHARE);
  }

  succeeded(): void {
    this.#rate = Math.min(
      this.#ceiling,
      this.#rate + this.#ceiling * FASTEST_RECOVERY_STEP,
    );
  }

  #nextStartMs(): number {
    return Math.max(this.#lastStartMs + 1_000 / this.#rate, this.#heldUntilMs);
  }
}
