import { hash } from "node:crypto";

const HASH_WORDS = 4;

export type Fingerprint = Uint32Array;

/**
 * A set of texts kept as 128-bit fingerprints in flat memory, 16 bytes a slot. Each text
 * has a slot number, by which a caller can keep values of its own beside it.
 */
export class Fingerprints {
  readonly capacity: number;
  readonly #slots: Uint32Array;
  #size = 0;

  /** `capacity` is a power of two; the set is full at seven eighths of it. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = new Uint32Array(capacity * HASH_WORDS);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= (this.capacity / 8) * 7;
  }

  /** The text's slot, or -1 when it is not in the set. */
  find(text: string): number {
    return this.findPrint(fingerprint(text));
  }

  /** The same, for whoever looks for one text in several sets. */
  findPrint(print: Fingerprint): number {
    const slot = this.#seek(print);
    return this.#isFree(slot) ? -1 : slot;
  }

  /** The text's slot, after adding it when it is new. The set must not be full. */
  add(text: string): { readonly slot: number; readonly isNew: boolean } {
    return this.#insert(fingerprint(text));
  }

  /** Takes over all of another set's texts, and tells which of its slots went to which. */
  addAll(
    other: Fingerprints,
    moved: (from: number, to: number) => void = () => undefined,
  ): void {
    for (let from = 0; from < other.capacity; from++) {
      if (other.#isFree(from)) continue;
      const at = from * HASH_WORDS;
      const print = other.#slots.subarray(at, at + HASH_WORDS);
      moved(from, this.#insert(print).slot);
    }
  }

  #insert(print: Uint32Array): { slot: number; isNew: boolean } {
    const slot = this.#seek(print);
    const isNew = this.#isFree(slot);
    if (isNew) {
      this.#slots.set(print, slot * HASH_WORDS);
      this.#size++;
    }
    return { slot, isNew };
  }

  #isFree(slot: number): boolean {
    const at = slot * HASH_WORDS;
    return this.#slots[at] === 0 && this.#slots[at + 1] === 0;
  }

  #seek(print: Uint32Array): number {
    const mask = this.capacity - 1;
    let slot = (print[2] ?? 0) & mask;
    while (!this.#isFree(slot) && !this.#holds(slot, print))
      slot = (slot + 1) & mask;
    return slot;
  }

  #holds(slot: number, print: Uint32Array): boolean {
    const at = slot * HASH_WORDS;
    return (
      this.#slots[at] === print[0] &&
      this.#slots[at + 1] === print[1] &&
      this.#slots[at + 2] === print[2] &&
      this.#slots[at + 3] === print[3]
    );
  }
}

/** A text's 128 bits. */
export function fingerprint(text: string): Fingerprint {
  const digest = hash("md5", text, "buffer");
  const print = new Uint32Array(HASH_WORDS);
  for (let word = 0; word < HASH_WORDS; word++)
    print[word] = digest.readUInt32LE(word * 4);
  // The first two words of a free slot are zero, so no fingerprint may begin so.
  if (print[0] === 0 && print[1] === 0) print[0] = 1;
  return print;
}
