export interface AckBatchLimits {
  /** Keys in one acknowledgement, before it grows. */
  readonly ackBatchSize: number;
  /** The most keys that one acknowledgement may grow to. */
  readonly maxAckBatchSize: number;
}

/**
 * How many keys go into one acknowledgement, kept over all drains of a connector. Full batches that
 * Sell accepts double it; it goes back to what Sell accepts when a batch is too large for Sell.
 */
export class AckBatchSize {
  /** The configured size. */
  readonly #smallest: number;
  /** The most keys that Sell accepts, as far as is known. */
  #largest: number;
  #keys: number;
  /** Keys of a grown batch that failed, and that no batch as large has refuted since. */
  #doubtful: number | null = null;

  constructor({ ackBatchSize, maxAckBatchSize }: AckBatchLimits) {
    this.#largest = maxAckBatchSize;
    this.#smallest = Math.min(ackBatchSize, maxAckBatchSize);
    this.#keys = this.#smallest;
  }

  get keys(): number {
    return this.#keys;
  }

  /** Whether a batch holds more keys than the configured size, so that smaller ones may be accepted. */
  isGrown(keys: number): boolean {
    return keys > this.#smallest;
  }

  /** Sell accepted a batch of so many keys; a full one shows a backlog. */
  accepted(keys: number): void {
    if (this.#doubtful !== null && keys >= this.#doubtful)
      this.#doubtful = null;
    if (keys >= this.#keys)
      this.#keys = Math.min(2 * this.#keys, this.#largest);
  }

  /** Sell gave no answer to a grown batch, or failed: the second time in a row at a size is blamed on the size. */
  failed(keys: number): void {
    if (this.#doubtful !== null && keys >= this.#doubtful) this.tooLarge(keys);
    else this.#doubtful = keys;
    this.#keys = Math.min(this.#smallest, this.#largest);
  }

  /** Sell refuses batches of so many keys, and accepts smaller ones of the same keys. */
  tooLarge(keys: number): void {
    this.#largest = Math.min(this.#largest, Math.max(1, keys >> 1));
    this.#keys = Math.min(this.#keys, this.#largest);
    this.#doubtful = null;
  }
}
