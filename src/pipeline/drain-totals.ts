import type { Observer, RequestReport } from "../domain/observer.ts";
import type { Page } from "../domain/ports.ts";
import type { Outcome } from "../domain/settled.ts";

/** The figures of a whole drain, for its summary. */
export class DrainTotals implements Partial<Observer> {
  /** Requests to Sell, retries too. */
  requests = 0;
  throttled = 0;
  sessions = 0;
  fetched = 0;
  published = 0;
  deadLettered = 0;
  superseded = 0;
  duplicates = 0;
  /** Distinct keys that Sell accepted. */
  confirmedKeys = 0;
  /** Keys of settled items that Sell has not accepted so far. */
  unconfirmedKeys = 0;
  failedObjects = 0;

  /** Items that were fetched and not settled: they come again in a later session. */
  get deferred(): number {
    const settled =
      this.published + this.deadLettered + this.superseded + this.duplicates;
    return this.fetched - settled;
  }

  requested({ throttled }: RequestReport): void {
    this.requests++;
    if (throttled) this.throttled++;
  }

  sessionStarted(): void {
    this.sessions++;
  }

  pageFetched(page: Page): void {
    this.fetched += page.items.length;
    this.failedObjects += page.failedObjects.length;
  }

  settled(outcomes: readonly Outcome[]): void {
    for (const { fate } of outcomes) {
      switch (fate.kind) {
        case "published":
          this.published++;
          break;
        case "dead-lettered":
          this.deadLettered++;
          break;
        case "superseded":
          this.superseded++;
          break;
        case "duplicate":
          this.duplicates++;
          break;
        case "deferred":
          break;
      }
    }
  }

  unacknowledged(keys: number): void {
    this.unconfirmedKeys = keys;
  }

  acknowledged(keys: number): void {
    this.confirmedKeys += keys;
  }
}
