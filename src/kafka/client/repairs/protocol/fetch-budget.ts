import { AsyncLocalStorage } from "node:async_hooks";

/** One answer of a megabyte unpacks to this much at the most where compression is as good as it gets for records. */
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/** Keys, values and headers of one answer. Each takes about a hundred bytes of memory, however small it is. */
const MOST_FIELDS = 3_000_000;

class FetchBudget {
  #bytesLeft = MOST_UNPACKED_BYTES;
  #fieldsLeft = MOST_FIELDS;

  get bytesLeft(): number {
    return Math.max(1, this.#bytesLeft);
  }

  unpacked(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) throw tooLarge();
  }

  field(): void {
    if (--this.#fieldsLeft < 0)
      throw new RangeError(
        `its records have more than ${MOST_FIELDS} keys, values and headers`,
      );
  }
}

const budgets = new AsyncLocalStorage<FetchBudget>();

/** Reads one answer, whose compressed parts and records together stay within the bounds. */
export function withinBudget<T>(task: () => Promise<T>): Promise<T> {
  return budgets.run(new FetchBudget(), task);
}

/** Counts a key, value or header of the answer that is being read. */
export function countField(): void {
  budgets.getStore()?.field();
}

/** Counts what a compressed part of the answer has become. */
export function countUnpacked(bytes: number): void {
  budgets.getStore()?.unpacked(bytes);
}

/** How much the next compressed part may become. */
export function bytesToUnpack(): number {
  return budgets.getStore()?.bytesLeft ?? MOST_UNPACKED_BYTES;
}

/** The error of a part that would become more than that. */
export function tooLarge(): RangeError {
  return new RangeError(
    `its records unpack to more than ${MOST_UNPACKED_BYTES} bytes`,
  );
}
