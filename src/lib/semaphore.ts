import { abortable } from "./abortable.ts";

/** Limits how many tasks run at once; the others wait in the order of their calls. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(permits: number) {
    this.#free = permits;
  }

  /** Runs a task once a permit is free. Rejects with the task's error, or with the signal's reason while it waits. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#acquire(signal);
    return this.#runGranted(task);
  }

  /** Runs a task if a permit is free now; returns null when none is. */
  tryRun<T>(task: () => Promise<T>): Promise<T> | null {
    if (this.#free === 0) return null;
    this.#free--;
    return this.#runGranted(task);
  }

  async #runGranted<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const grant = () => {
      resolve(undefined);
    };
    this.#waiting.push(grant);
    try {
      await abortable(promise, signal);
    } catch (error) {
      const index = this.#waiting.indexOf(grant);
      if (index >= 0) this.#waiting.splice(index, 1);
      // The permit was granted in the same moment: it goes to the next.
      else this.#release();
      throw error;
    }
  }

  #release(): void {
    const grant = this.#waiting.shift();
    if (grant === undefined) this.#free++;
    else grant();
  }
}
