import { fingerprint, Fingerprints } from "./fingerprints.ts";

/** Counts distinct texts, without end, in about 32 bytes each. */
export class KeySet {
  #prints = new Fingerprints(1 << 10);

  get size(): number {
    return this.#prints.size;
  }

  /** False when the text was there already. */
  add(text: string): boolean {
    if (this.#prints.isFull) {
      const larger = new Fingerprints(this.#prints.capacity * 2);
      larger.addAll(this.#prints);
      this.#prints = larger;
    }
    return this.#prints.add(fingerprint(text)).isNew;
  }
}
