import type { FailedObject, Page } from "../../domain/ports.ts";

/** What reading one session brought, besides the items. */
export interface ReadReport {
  readonly fetched: number;
  readonly withoutKey: number;
  readonly lostPages: number;
  readonly lostBecause: readonly string[];
  readonly failedObjects: readonly FailedObject[];
}

const MOST_REASONS = 3;
const MOST_FAILED_OBJECTS = 10_000;

/** Counts what reading one session brings, in bounded memory. */
export class ReadCounts {
  #fetched = 0;
  #withoutKey = 0;
  #lostPages = 0;
  readonly #lostBecause = new Set<string>();
  readonly #failedObjects: FailedObject[] = [];

  page({ items, failedObjects }: Page): void {
    this.#fetched += items.length;
    for (const item of items) if (item.ackKey === null) this.#withoutKey++;
    const room = MOST_FAILED_OBJECTS - this.#failedObjects.length;
    for (const failed of failedObjects.slice(0, room))
      this.#failedObjects.push(failed);
  }

  /** An answer was lost that may have held a page. */
  lostPage({ message }: Error): void {
    this.#lostPages++;
    if (this.#lostBecause.size < MOST_REASONS) this.#lostBecause.add(message);
  }

  report(): ReadReport {
    return {
      fetched: this.#fetched,
      withoutKey: this.#withoutKey,
      lostPages: this.#lostPages,
      lostBecause: [...this.#lostBecause],
      failedObjects: this.#failedObjects,
    };
  }
}
