import { fingerprint, Fingerprints } from "./fingerprints.ts";

/** Enough to count by: a million texts are counted wrong once in thirty million times. */
const WORDS = 2;

/** Each part is twice as large as the one before, up to the largest: few texts take little. */
const SMALLEST_PART = 1 << 10;
const LARGEST_PART = 1 << 18;
const MOST_PARTS = 16;

/**
 * Counts distinct texts, in 8 bytes a slot filled to 7/8, and 34 MB at most: one that comes again
 * after two million others is counted again.
 */
export class DistinctCounter {
  readonly #largestPart: number;
  #parts = [new Fingerprints(SMALLEST_PART, WORDS)];
  #size = 0;

  constructor(largestPart = LARGEST_PART) {
    this.#largestPart = largestPart;
  }

  /** How many were new. */
  get size(): number {
    return this.#size;
  }

  /** False when the text was there already. */
  add(text: string): boolean {
    const print = fingerprint(text);
    if (this.#parts.some((part) => part.find(print) >= 0)) return false;
    this.#open().add(print);
    this.#size++;
    return true;
  }

  #open(): Fingerprints {
    const [newest] = this.#parts;
    if (newest?.isFull === false) return newest;
    const capacity = Math.min((newest?.capacity ?? 0) * 2, this.#largestPart);
    const next = new Fingerprints(capacity, WORDS);
    this.#parts = [next, ...this.#parts.slice(0, MOST_PARTS - 1)];
    return next;
  }
}
