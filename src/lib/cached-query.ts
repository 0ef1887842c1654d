import { abortable } from "./abortable.ts";
import type { Clock } from "./clock.ts";

/** A query whose result all callers share, while it runs and for a while after. */
export class CachedQuery<T> {
  readonly #query: () => Promise<T>;
  readonly #clock: Clock;
  readonly #freshMs: number;
  #running: Promise<T> | null = null;
  #latest: { readonly result: T; readonly atMs: number } | null = null;

  /** A result is returned for `freshMs`; an error only to the callers that wait for it. */
  constructor(query: () => Promise<T>, freshMs: number, clock: Clock) {
    this.#query = query;
    this.#freshMs = freshMs;
    this.#clock = clock;
  }

  async get(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const known = this.#latest;
    if (
      known !== null &&
      this.#clock.monotonicMs() - known.atMs < this.#freshMs
    )
      return known.result;
    this.#running ??= this.#runOnce();
    return abortable(this.#running, signal);
  }

  async #runOnce(): Promise<T> {
    try {
      const result = await this.#query();
      this.#latest = { result, atMs: this.#clock.monotonicMs() };
      return result;
    } finally {
      this.#running = null;
    }
  }
}
