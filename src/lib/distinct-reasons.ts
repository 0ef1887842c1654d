const MOST_REASONS = 20;
const LONGEST_REASON = 500;

/**
 * The distinct reasons for many items, in a bounded amount of memory: Sell may invent any number
 * of types, each of which is refused for a reason of its own.
 */
export class DistinctReasons {
  readonly #kept = new Set<string>();
  #hasMore = false;

  /** True when nothing like it was told before, and it is kept or the first that is not. */
  add(reason: string): boolean {
    const cut = reason.slice(0, LONGEST_REASON);
    if (this.#kept.has(cut)) return false;
    if (this.#kept.size < MOST_REASONS) {
      this.#kept.add(cut);
      return true;
    }
    const isFirst = !this.#hasMore;
    this.#hasMore = true;
    return isFirst;
  }

  list(): string[] {
    const kept = [...this.#kept];
    return this.#hasMore ? [...kept, "and for other reasons"] : kept;
  }
}
