import { Fingerprints, type Fingerprint } from "../../lib/fingerprints.ts";

/** A fingerprint of 16 bytes, and twice 8 of an order. */
const SLOT_BYTES = 32;
const SMALLEST = 1 << 5;

/** Of records that were deleted: when that was last, and when they last came back behind it. */
export class LastDeletes {
  #records = new Fingerprints(SMALLEST);
  #deletes = new Float64Array(SMALLEST);
  #others = new Float64Array(SMALLEST);

  /** What it takes of the memory, in bytes. */
  get bytes(): number {
    return this.#records.capacity * SLOT_BYTES;
  }

  noteDelete(record: Fingerprint, order: number): void {
    if (this.#records.isFull) this.#grow();
    const { slot, isNew } = this.#records.add(record);
    if (isNew) this.#others[slot] = -1;
    this.#deletes[slot] = isNew
      ? order
      : Math.max(this.#deletes[slot] ?? -1, order);
  }

  /** Notes an item that is no delete; one of a record without a delete tells nothing. */
  noteOther(record: Fingerprint, order: number): void {
    const slot = this.#records.find(record);
    if (slot >= 0)
      this.#others[slot] = Math.max(this.#others[slot] ?? -1, order);
  }

  /** The order of a record's last delete, or of its last other item; -1 without one. */
  latest(record: Fingerprint, isDelete: boolean): number {
    const orders = isDelete ? this.#deletes : this.#others;
    return orders[this.#records.find(record)] ?? -1;
  }

  #grow(): void {
    const [records, deletes, others] = [
      this.#records,
      this.#deletes,
      this.#others,
    ];
    const capacity = records.capacity * 2;
    this.#records = new Fingerprints(capacity);
    this.#deletes = new Float64Array(capacity);
    this.#others = new Float64Array(capacity);
    this.#records.addAll(records, (from, to) => {
      this.#deletes[to] = deletes[from] ?? -1;
      this.#others[to] = others[from] ?? -1;
    });
  }
}
