import type { Clock } from "./clock.ts";

/** A value that can be used for a while after it was asked for. */
export interface Fetched<T> {
  readonly value: T;
  readonly lifetimeMs: number;
}

interface Held<T> {
  readonly value: T;
  /** From then on another one is fetched. */
  readonly renewedAtMs: number;
  readonly endsAtMs: number;
}

/** A value with an end, such as a token: all callers share it, and another is fetched shortly before its end. */
export class RenewedValue<T> {
  readonly #fetch: () => Promise<Fetched<T>>;
  readonly #marginMs: number;
  readonly #clock: Clock;
  #held: Held<T> | null = null;
  #fetching: Promise<Held<T>> | null = null;

  /** `marginMs` is the end of its life in which it is renewed; half of the life when that is shorter. */
  constructor(
    fetch: () => Promise<Fetched<T>>,
    marginMs: number,
    clock: Clock,
  ) {
    this.#fetch = fetch;
    this.#marginMs = marginMs;
    this.#clock = clock;
  }

  /** The value held; null before the first fetch, and after `forget`. */
  get held(): T | null {
    return this.#held?.value ?? null;
  }

  /** Concurrent calls share one fetch. While that fails, the value held serves until its end. */
  async get(): Promise<T> {
    const held = this.#held;
    const nowMs = this.#clock.uptimeMs();
    if (held !== null && nowMs < held.renewedAtMs) return held.value;
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = null;
    });
    try {
      this.#held = await this.#fetching;
      return this.#held.value;
    } catch (error) {
      if (held !== null && held === this.#held && nowMs < held.endsAtMs)
        return held.value;
      throw error;
    }
  }

  /** Drops the value: the next call fetches another one. */
  forget(): void {
    this.#held = null;
  }

  async #fetchOnce(): Promise<Held<T>> {
    const askedMs = this.#clock.uptimeMs();
    const { value, lifetimeMs } = await this.#fetch();
    const marginMs = Math.min(this.#marginMs, lifetimeMs / 2);
    const endsAtMs = askedMs + lifetimeMs;
    return { value, renewedAtMs: endsAtMs - marginMs, endsAtMs };
  }
}
