import { hash } from "node:crypto";

const HASH_WORDS = 4;

export type Fingerprint = Uint32Array;

/**
 * A set of texts kept as fingerprints in flat memory: of 128 bits, 16 bytes a slot, or of fewer
 * words of 32. Each text has a slot number, by which a caller can keep values of its own beside it.
 */
export class Fingerprints {
  readonly capacity: number;
  readonly #words: number;
  readonly #slots: Uint32Array;
  #size = 0;

  /** `capacity` is a power of two; the set is full at seven eighths of it. At least two `words`. */
  constructor(capacity: number, words = HASH_WORDS) {
    this.capacity = capacity;
    this.#words = words;
    this.#slots = new Uint32Array(capacity * words);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= (this.capacity / 8) * 7;
  }

  /** The slot of the text with that fingerprint, or -1 when it is not in the set. */
  find(print: Fingerprint): number {
    const slot = this.#seek(print);
    return this.#isFree(slot) ? -1 : slot;
  }

  /** The text's slot, after adding it when it is new. The set must not be full. */
  add(print: Fingerprint): { readonly slot: number; readonly isNew: boolean } {
    const slot = this.#seek(print);
    const isNew = this.#isFree(slot);
    if (isNew) {
      this.#slots.set(print.subarray(0, this.#words), slot * this.#words);
      this.#size++;
    }
    return { slot, isNew };
  }

  /** Takes over all of another set's texts, and tells which of its slots went to which. */
  addAll(
    other: Fingerprints,
    moved: (from: number, to: number) => void = () => undefined,
  ): void {
    for (let from = 0; from < other.capacity; from++) {
      if (other.#isFree(from)) continue;
      const at = from * other.#words;
      const print = other.#slots.subarray(at, at + other.#words);
      moved(from, this.add(print).slot);
    }
  }

  #isFree(slot: number): boolean {
    const at = slot * this.#words;
    return this.#slots[at] === 0 && this.#slots[at + 1] === 0;
  }

  #seek(print: Uint32Array): number {
    const mask = this.capacity - 1;
    let slot = (print[0] ?? 0) & mask;
    while (!this.#isFree(slot) && !this.#holds(slot, print))
      slot = (slot + 1) & mask;
    return slot;
  }

  #holds(slot: number, print: Uint32Array): boolean {
    const at = slot * this.#words;
    for (let word = 0; word < this.#words; word++)
      if (this.#slots[at + word] !== print[word]) return false;
    return true;
  }
}

/** A text's 128 bits. As a string of bytes, MD5 costs a third of what it does as a buffer. */
export function fingerprint(text: string): Fingerprint {
  return printOf(hash("md5", text, "binary"));
}

/** The fingerprint in an MD5 in hexadecimal digits. */
export function fingerprintOfHash(md5: string): Fingerprint {
  return printOf(Buffer.from(md5, "hex").toString("latin1"));
}

/** Of 16 bytes in a string. */
function printOf(digest: string): Fingerprint {
  const print = new Uint32Array(HASH_WORDS);
  for (let byte = 0; byte < digest.length; byte++)
    print[byte >> 2] = ((print[byte >> 2] ?? 0) << 8) | digest.charCodeAt(byte);
  // The first two words of a free slot are zero, so no fingerprint may begin so.
  if (print[0] === 0 && print[1] === 0) print[0] = 1;
  return print;
}
