import { fingerprint, Fingerprints } from "./fingerprints.ts";

/** Enough to count by: a million texts are counted wrong once in thirty million times. */
const WORDS = 2;

/** Counts distinct texts, without end, in at most 19 bytes each. */
export class KeySet {
  #prints = new Fingerprints(1 << 10, WORDS);

  get size(): number {
    return this.#prints.size;
  }

  /** False when the text was there already. */
  add(text: string): boolean {
    if (this.#prints.isFull) {
      const larger = new Fingerprints(this.#prints.capacity * 2, WORDS);
      larger.addAll(this.#prints);
      this.#prints = larger;
    }
    return this.#prints.add(fingerprint(text)).isNew;
  }
}
