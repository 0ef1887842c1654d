import type { Checkpoint } from "./journal-entry.ts";

/**
 * What is known of the acknowledgements of written items: up to which write Sell has accepted the
 * keys, and in how many partitions of the journal entries that count may lie. Writes are numbered
 * by `seq`; keys are counted as they are noted in the memory.
 */
export class JournalCheckpoint {
  /** Writes of earlier runs that Sell may not have accepted, and how many keys were noted before each. */
  #unconfirmed: { readonly seq: number; readonly noted: number }[] = [];
  #acknowledgedSeq = 0;
  #storedSeq = 0;
  #isStored = false;
  #partitions = 0;
  /** The number of partitions when all entries were written, by the stored checkpoint; null without one. */
  #storedPartitions: number | null = null;
  /** Once so many keys are forgotten, no entry of the other partitions counts any longer. */
  #keysBefore = 0;

  /** Whether the journal holds a checkpoint. */
  get isStored(): boolean {
    return this.#isStored;
  }

  /** The journal has so many partitions now. */
  set partitions(count: number) {
    this.#partitions = count;
  }

  /** True when entries of this connector may lie in the other partitions too, which are then read. */
  get isSpread(): boolean {
    return this.#storedPartitions !== this.#partitions;
  }

  /** The other partitions were read; some of the keys noted so far may be theirs. */
  othersWereRead(noted: number): void {
    this.#keysBefore = noted;
  }

  /** Sell has accepted the keys of this write, and of all before. */
  acknowledged(seq: number): void {
    this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
  }

  /** An entry of another run was read; `noted` keys were noted before it. */
  foreignEntry(seq: number, noted: number): void {
    if (seq > this.#acknowledgedSeq && this.#unconfirmed.at(-1)?.seq !== seq)
      this.#unconfirmed.push({ seq, noted });
  }

  /** How many keys were noted before the first write that Sell may not have accepted; null without one. Told once. */
  takeUnconfirmed(): number | null {
    const [first] = this.#unconfirmed;
    this.#unconfirmed = [];
    return first?.noted ?? null;
  }

  /** A checkpoint lies in the journal; `isOwn` when it lies in the partition that the connector writes to. */
  stored({ confirmed, partitions }: Checkpoint, isOwn: boolean): void {
    this.#isStored = true;
    this.acknowledged(confirmed);
    this.#storedSeq = Math.max(this.#storedSeq, confirmed);
    this.#unconfirmed = this.#unconfirmed.filter(({ seq }) => seq > confirmed);
    if (isOwn) this.#storedPartitions = partitions ?? null;
  }

  /** The checkpoint to write, once the first `forgotten` keys are forgotten; null when it says nothing new. */
  next(forgotten: number): Checkpoint | null {
    const partitions =
      forgotten >= this.#keysBefore ? this.#partitions : this.#storedPartitions;
    const isNews =
      this.#acknowledgedSeq > this.#storedSeq ||
      (this.#acknowledgedSeq > 0 && partitions !== this.#storedPartitions);
    return isNews
      ? {
          confirmed: this.#acknowledgedSeq,
          ...(partitions !== null && { partitions }),
        }
      : null;
  }
}
