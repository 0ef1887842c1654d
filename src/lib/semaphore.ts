import { abortable } from "./abortable.ts";

/** Lets a few go ahead at once; the others wait, in the order in which they came. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** The turn is over when the work is. Rejects as that does, or with the signal's reason while it waits. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#called(signal);
    try {
      return await work();
    } finally {
      this.#callNext();
    }
  }

  async #called(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const call = () => {
      resolve(undefined);
    };
    this.#waiting.push(call);
    try {
      await abortable(promise, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(call);
      if (place >= 0) this.#waiting.splice(place, 1);
      // It was called in the moment in which it gave up.
      else this.#callNext();
      throw error;
    }
  }

  #callNext(): void {
    const call = this.#waiting.shift();
    if (call === undefined) this.#free++;
    else call();
  }
}
