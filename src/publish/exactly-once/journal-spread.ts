/**
 * Knows whether entries that count may lie in several partitions of the journal: they do once it
 * got more partitions, until the older ones are forgotten.
 */
export class JournalSpread {
  #partitions = 0;
  /** The number of partitions when all entries were written, by the checkpoint; null without one. */
  #stored: number | null = null;
  /** Once so many keys are forgotten, nothing of the other partitions counts any longer. */
  #keysBefore = 0;

  /** The journal has so many partitions. */
  set partitions(count: number) {
    this.#partitions = count;
  }

  set stored(count: number | null) {
    this.#stored = count;
  }

  /** True when the other partitions must be read too. */
  get isSpread(): boolean {
    return this.#stored !== this.#partitions;
  }

  /** The other partitions were read; some of the keys noted so far may be theirs. */
  tookOthers(keysBefore: number): void {
    this.#keysBefore = keysBefore;
  }

  /** What the next checkpoint says, once the first `forgotten` keys are forgotten. */
  toStore(forgotten: number): number | null {
    return forgotten >= this.#keysBefore ? this.#partitions : this.#stored;
  }

  isNews(forgotten: number): boolean {
    return this.toStore(forgotten) !== this.#stored;
  }
}
