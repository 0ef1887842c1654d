import { Deferrals, type Deferral } from "../../domain/deferrals.ts";
import type {
  DrainEnd,
  Observer,
  SessionReport,
} from "../../domain/observer.ts";
import type { Outcome } from "../../domain/settled.ts";

/** The items that wait for one cause. */
export interface WaitingItems {
  readonly deferral: Deferral;
  /** False while the session that found the cause runs, so that more items may follow. */
  readonly isCounted: boolean;
}

/**
 * The deferred items that wait now: those of the latest session that was drained, and causes that
 * a later session has found.
 */
export class WaitingByCause implements Partial<Observer> {
  #counted: readonly Deferral[] = [];
  #running = new Deferrals();

  /** In the order in which the causes were found. */
  list(): readonly WaitingItems[] {
    const more = this.#others(this.#running.list(), this.#counted);
    return [
      ...this.#counted.map((deferral) => ({ deferral, isCounted: true })),
      ...more.map((deferral) => ({ deferral, isCounted: false })),
    ];
  }

  sessionStarted(): void {
    this.#running = new Deferrals();
  }

  settled(outcomes: readonly Outcome[]): void {
    this.#running.settled(outcomes);
  }

  sessionEnded({ end }: SessionReport): void {
    const found = this.#running.list();
    // A session that was not drained says nothing about the items that it did not hand out.
    this.#counted =
      end === "drained"
        ? found
        : [...found, ...this.#others(this.#counted, found)];
    this.#running = new Deferrals();
  }

  drainEnded(end: DrainEnd): void {
    if (end !== "complete") return;
    this.#counted = [];
    this.#running = new Deferrals();
  }

  #others(
    deferrals: readonly Deferral[],
    known: readonly Deferral[],
  ): readonly Deferral[] {
    const keys = new Set(known.map(({ key }) => key));
    return deferrals.filter(({ key }) => !keys.has(key));
  }
}
