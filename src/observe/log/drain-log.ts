import type { Logger } from "pino";
import type {
  DrainEnd,
  DrainProblem,
  Observer,
} from "../../domain/observer.ts";
import type { Page } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import type { Clock } from "../../lib/clock.ts";
import { LagCounts, lagMs } from "../status/lag-counts.ts";

/** While nothing changes, this is the shortest time between two lines. */
const UP_TO_DATE_EVERY_MS = 3_600_000;

/** Logs one line for each drain that moved something, and now and then that there was nothing to move. */
export class DrainLog implements Partial<Observer> {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #startedMs = 0;
  #counts = noCounts();
  #lags = new LagCounts();
  #wasComplete = false;
  #toldMs: number;
  #changesSince = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#toldMs = clock.monotonicMs();
  }

  drainStarted(): void {
    this.#startedMs = this.#clock.monotonicMs();
    this.#counts = noCounts();
    this.#lags = new LagCounts();
  }

  sessionStarted(): void {
    this.#counts.sessions++;
  }

  pageFetched({ items, failedObjects }: Page): void {
    this.#counts.fetched += items.length;
    this.#counts.failedObjects += failedObjects.length;
  }

  settled(outcomes: readonly Outcome[]): void {
    const nowMs = this.#clock.epochMs();
    for (const outcome of outcomes) {
      this.#counts[countedAs[outcome.fate.kind]]++;
      // The age of a backlog says nothing about how late changes are.
      if (this.#wasComplete) this.#lags.add(lagMs(outcome, nowMs));
    }
  }

  acknowledged(keys: number): void {
    this.#counts.acknowledged += keys;
  }

  drainEnded(end: DrainEnd, problems: readonly DrainProblem[]): void {
    this.#changesSince += this.#counts.published;
    const codes = [...new Set(problems.map(({ code }) => code))];
    const drained = {
      end,
      ...(codes.length > 0 && { problems: codes }),
      ...this.#counts,
      lagMs: roundedOrNull(this.#lags.medianMs()),
      durationMs: Math.round(this.#clock.monotonicMs() - this.#startedMs),
    };
    const isEmpty = !hasMoved(this.#counts);
    if (isEmpty) this.#logger.debug(drained, "drained");
    else this.#logger.info(drained, "drained");
    if (end !== "complete") return;
    this.#wasComplete = true;
    if (isEmpty) this.#tellUpToDate();
  }

  #tellUpToDate(): void {
    const sinceMs = this.#clock.monotonicMs() - this.#toldMs;
    if (sinceMs < UP_TO_DATE_EVERY_MS) return;
    const since = new Date(this.#clock.epochMs() - sinceMs).toISOString();
    const changes = this.#changesSince;
    this.#logger.info(
      { changes, since },
      `up to date, ${changes} changes since ${since}`,
    );
    this.#toldMs = this.#clock.monotonicMs();
    this.#changesSince = 0;
  }
}

function noCounts() {
  return {
    sessions: 0,
    fetched: 0,
    published: 0,
    acknowledged: 0,
    deadLettered: 0,
    superseded: 0,
    duplicates: 0,
    deferred: 0,
    failedObjects: 0,
  };
}

const countedAs = {
  published: "published",
  "dead-lettered": "deadLettered",
  superseded: "superseded",
  duplicate: "duplicates",
  deferred: "deferred",
} as const;

/** A drain that brings only items that wait already moves nothing. */
function hasMoved(counts: ReturnType<typeof noCounts>): boolean {
  return counts.fetched > counts.deferred || counts.acknowledged > 0;
}

function roundedOrNull(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
