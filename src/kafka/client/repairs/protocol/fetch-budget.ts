import { AsyncLocalStorage } from "node:async_hooks";

/** An answer of a megabyte unpacks to no more than this, even where records compress as well as they can. */
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/** The keys, values and headers of one answer. Most become objects of about a hundred bytes, even empty ones. */
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

  fields(count: number): void {
    this.#fieldsLeft -= count;
    if (this.#fieldsLeft < 0)
      throw new RangeError(
        `its records have more than ${MOST_FIELDS} keys, values and headers`,
      );
  }
}

const budgets = new AsyncLocalStorage<FetchBudget>();

/** Runs a task that reads one answer. Its compressed parts and its records share one budget. */
export function withinBudget<T>(task: () => Promise<T>): Promise<T> {
  return budgets.run(new FetchBudget(), task);
}

/** Counts keys, values and headers of the answer that is being read. */
export function countFields(count: number): void {
  budgets.getStore()?.fields(count);
}

/** Counts the unpacked bytes of a compressed part of the answer. */
export function countUnpacked(bytes: number): void {
  budgets.getStore()?.unpacked(bytes);
}

/** How many bytes the next compressed part may unpack to. */
export function bytesToUnpack(): number {
  return budgets.getStore()?.bytesLeft ?? MOST_UNPACKED_BYTES;
}

/** The error of a part that would unpack to more. */
export function tooLarge(): RangeError {
  return new RangeError(
    `its records unpack to more than ${MOST_UNPACKED_BYTES} bytes`,
  );
}
