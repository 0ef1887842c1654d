/** Wakes everything that waits for a change. */
export class ChangeSignal {
  #next = Promise.withResolvers<undefined>();

  /** Resolves at the next change. */
  get next(): Promise<undefined> {
    return this.#next.promise;
  }

  tell(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve(undefined);
  }
}
