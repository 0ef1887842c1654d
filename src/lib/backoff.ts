import type { Clock } from "./clock.ts";

export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
  /** No wait is shorter; 0 when missing. */
  readonly atLeastMs?: number;
}

const DEFAULT_LIMITS: BackoffLimits = { baseMs: 200, capMs: 30_000 };

/**
 * Waits between attempts, with full jitter: a random part of a bound that doubles with each failure
 * in a row, so that many clients do not retry at the same time. For one task, use `retry`.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #limits: BackoffLimits;
  #failures = 0;

  constructor(clock: Clock, limits: BackoffLimits = DEFAULT_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Counts one more failure, and returns how long to wait after it. */
  nextWaitMs(): number {
    const { baseMs, capMs, atLeastMs = 0 } = this.#limits;
    const bound = Math.min(capMs, baseMs * 2 ** this.#failures);
    this.#failures++;
    return Math.max(atLeastMs, this.#clock.random() * bound);
  }

  /** Counts one more failure and waits. Rejects with the signal's reason. */
  async failed(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(this.nextWaitMs(), signal);
  }
}
