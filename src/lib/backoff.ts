import type { Clock } from "./clock.ts";

export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
  /** No wait is shorter; 0 when missing. */
  readonly atLeastMs?: number;
}

const usual: BackoffLimits = { baseMs: 200, capMs: 30_000 };

/**
 * The waits of one retry loop, with full jitter: a random part of a bound that doubles
 * with each failure in a row, so that many clients never come back in step.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #limits: BackoffLimits;
  #failures = 0;

  constructor(clock: Clock, limits: BackoffLimits = usual) {
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

  /** Counts one more failure and waits; never less than `atLeastMs`. */
  async failed(
    signal: AbortSignal,
    atLeastMs = this.#limits.atLeastMs ?? 0,
  ): Promise<void> {
    const bound = Math.min(
      this.#limits.capMs,
      this.#limits.baseMs * 2 ** this.#failures,
    );
    this.#failures++;
    await this.#clock.sleep(
      Math.max(atLeastMs, this.#clock.random() * bound),
      signal,
    );
  }
}
