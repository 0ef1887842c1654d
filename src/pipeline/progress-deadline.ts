import { reasonOf } from "../lib/text/reason-of.ts";
import type { Clock } from "../lib/clock.ts";
import type { Attempt, Observer } from "../domain/observer.ts";
import type { Page } from "../domain/ports.ts";
import type { Outcome } from "../domain/settled.ts";

/** The drain made no progress for too long. */
export class ProgressDeadlineExceeded extends Error {
  override readonly name = "ProgressDeadlineExceeded";
}

/**
 * Watches a drain, and aborts `signal` when for `limitMs` no page was fetched, no record was
 * confirmed and no acknowledgement was accepted.
 */
export class ProgressDeadline implements Partial<Observer> {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #exceeded = new AbortController();
  #lastProgressMs: number;
  #lastFailure = "";

  constructor(limitMs: number, clock: Clock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#lastProgressMs = clock.monotonicMs();
  }

  /** Aborted with a ProgressDeadlineExceeded once the deadline is exceeded. */
  get signal(): AbortSignal {
    return this.#exceeded.signal;
  }

  /** Starts the time anew, after a phase without any work to do. */
  renew(): void {
    this.#progressed();
  }

  /** Ends once the deadline is exceeded, or with the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leftMs =
        this.#lastProgressMs + this.#limitMs - this.#clock.monotonicMs();
      if (leftMs <= 0) {
        this.#exceeded.abort(
          new ProgressDeadlineExceeded(
            `nothing was fetched, published or acknowledged for ${this.#limitMs} ms (delivery.giveUpAfterMs)${this.#lastFailure}`,
          ),
        );
        return;
      }
      await this.#clock.sleep(leftMs, signal).catch(() => undefined);
    }
  }

  pageFetched({ items }: Page): void {
    if (items.length > 0) this.#progressed();
  }

  settled(outcomes: readonly Outcome[]): void {
    if (outcomes.some(({ fate }) => fate.kind !== "deferred"))
      this.#progressed();
  }

  acknowledged(): void {
    this.#progressed();
  }

  retrying(what: Attempt, error: unknown): void {
    const reason = reasonOf(error);
    this.#lastFailure = `; last trouble (${what}): ${reason}`;
  }

  #progressed(): void {
    this.#lastProgressMs = this.#clock.monotonicMs();
    this.#lastFailure = "";
  }
}
