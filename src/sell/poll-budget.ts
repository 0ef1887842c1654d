import type { Clock } from "../lib/clock.ts";
import { Semaphore } from "../lib/semaphore.ts";

/** The part of a token's rate that polling takes at most, so that other programs of the token get theirs. */
const SHARE = 0.25;

/** The requests of a session of one page: start, page, the 204 that ends it, acknowledgement. */
const SMALL_SESSION = 4;

/**
 * Spaces the drains of all connectors that poll with one token. A start without a session counts as
 * one request, a session as four: the further pages of a backlog may take the whole rate.
 */
export class PollBudget {
  readonly #clock: Clock;
  readonly #requestsPerSecond: () => number;
  readonly #line = new Semaphore(1);
  #freeAtMs = -Infinity;

  constructor(requestsPerSecond: () => number, clock: Clock) {
    this.#requestsPerSecond = requestsPerSecond;
    this.#clock = clock;
  }

  /** Resolves, one caller after the other, once earlier polls are within the share. Rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void> {
    return this.#line.run(async () => {
      // The rate may have changed, and sessions may have opened, during the wait.
      for (;;) {
        const waitMs = this.#freeAtMs - this.#clock.monotonicMs();
        if (waitMs <= 0) break;
        await this.#clock.sleep(waitMs, signal);
      }
      this.#take(1);
    }, signal);
  }

  /** Sell has opened a session, whose other requests follow. */
  sessionOpened(): void {
    this.#take(SMALL_SESSION - 1);
  }

  #take(requests: number): void {
    const perRequestMs = 1_000 / (this.#requestsPerSecond() * SHARE);
    this.#freeAtMs =
      Math.max(this.#freeAtMs, this.#clock.monotonicMs()) +
      requests * perRequestMs;
  }
}
