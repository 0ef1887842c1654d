import { abortable } from "./abortable.ts";
import type { Clock } from "./clock.ts";

/** A question that many ask: one answer serves all who ask while it is under way, and soon after. */
export class CachedQuery<T> {
  readonly #ask: () => Promise<T>;
  readonly #clock: Clock;
  readonly #freshMs: number;
  #underWay: Promise<T> | null = null;
  #answered: { readonly answer: T; readonly atMs: number } | null = null;

  /** An answer serves for `freshMs`; a failure only those who wait for it. */
  constructor(ask: () => Promise<T>, freshMs: number, clock: Clock) {
    this.#ask = ask;
    this.#freshMs = freshMs;
    this.#clock = clock;
  }

  async get(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const known = this.#answered;
    if (
      known !== null &&
      this.#clock.monotonicMs() - known.atMs < this.#freshMs
    )
      return known.answer;
    this.#underWay ??= this.#once();
    return abortable(this.#underWay, signal);
  }

  async #once(): Promise<T> {
    try {
      const answer = await this.#ask();
      this.#answered = { answer, atMs: this.#clock.monotonicMs() };
      return answer;
    } finally {
      this.#underWay = null;
    }
  }
}
