const MOST_REASONS = 20;
const LONGEST_REASON = 500;

/**
 * The distinct reasons that many items have, in bounded memory: Sell may name any number of types,
 * each refused for a reason of its own.
 */
export class DistinctReasons {
  readonly #kept = new Set<string>();
  #hasMore = false;

  /** Returns whether the reason is new, and among those kept or the first beyond them. */
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
