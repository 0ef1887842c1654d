import { fingerprint, Fingerprints } from "./fingerprints.ts";

/** 64 bits a text: among a million distinct texts, two collide once in thirty million times. */
const WORDS = 2;

/** Each part is twice as large as the one before it, up to the largest, so few texts take little memory. */
const SMALLEST_PART = 1 << 10;
const LARGEST_PART = 1 << 18;
const MOST_PARTS = 16;

/**
 * Counts distinct texts in at most 34 MB, 8 bytes for each slot. A text that is added again after two
 * million others counts as new.
 */
export class DistinctCounter {
  readonly #largestPart: number;
  #parts = [new Fingerprints(SMALLEST_PART, WORDS)];
  #count = 0;

  constructor(largestPart = LARGEST_PART) {
    this.#largestPart = largestPart;
  }

  /** The number of distinct texts so far. */
  get count(): number {
    return this.#count;
  }

  /** Returns whether the text is new. */
  add(text: string): boolean {
    const print = fingerprint(text);
    if (this.#parts.some((part) => part.find(print) >= 0)) return false;
    this.#partWithRoom().add(print);
    this.#count++;
    return true;
  }

  #partWithRoom(): Fingerprints {
    const [newest] = this.#parts;
    if (newest?.isFull === false) return newest;
    const capacity = Math.min((newest?.capacity ?? 0) * 2, this.#largestPart);
    const next = new Fingerprints(capacity, WORDS);
    this.#parts = [next, ...this.#parts.slice(0, MOST_PARTS - 1)];
    return next;
  }
}
