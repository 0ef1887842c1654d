/**
 * A query that is run once for all callers that wait for it. A caller gets the result of a run that
 * began after its call.
 */
export class SharedRun<T> {
  readonly #query: () => Promise<T>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | null = null;

  constructor(query: () => Promise<T>) {
    this.#query = query;
  }

  get(): Promise<T> {
    if (this.#next !== null) return this.#next;
    const next = this.#running.then(() => {
      this.#next = null;
      return this.#query();
    });
    this.#next = next;
    this.#running = next.catch(() => undefined);
    return next;
  }
}
