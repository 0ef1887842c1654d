import { reasonOf } from "../lib/reason-of.ts";
import type { Clock } from "../lib/clock.ts";
import type { Attempt, Observer } from "../domain/observer.ts";
import type { Page } from "../domain/ports.ts";
import type { Outcome } from "../domain/settled.ts";

/** Nothing moved for so long that waiting on seems pointless. */
export class ProgressDeadlineExceeded extends Error {
  override readonly name = "ProgressDeadlineExceeded";
}

/**
 * Watches a drain, and gives up on it when for `limitMs` there was no page, no confirmed
 * record and no confirmed acknowledgement.
 */
export class ProgressDeadline implements Partial<Observer> {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #over = new AbortController();
  #lastProgressMs: number;
  #lastFailure = "";

  constructor(limitMs: number, clock: Clock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#lastProgressMs = clock.monotonicMs();
  }

  /** Aborted with an ProgressDeadlineExceeded when it is time to give up. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Counts from now on, after a time in which nothing was to be expected. */
  renew(): void {
    this.#progressed();
  }

  /** Ends when it has given up, or with the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leftMs =
        this.#lastProgressMs + this.#limitMs - this.#clock.monotonicMs();
      if (leftMs <= 0) {
        this.#over.abort(
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
