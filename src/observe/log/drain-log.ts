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

/** Live drains within this time after a line are summed up in the next one. */
const TOGETHER_MS = 5_000;

/** Logs what drains moved: a line for each, or for the live ones of a few seconds; and now and then that there was nothing to move. */
export class DrainLog implements Partial<Observer> {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #startedMs = 0;
  #counts = noCounts();
  #lags = new LagCounts();
  /** Live drains that no line has told yet. */
  #untold: DrainSum | null = null;
  #toldMs = -Infinity;
  #wasComplete = false;
  #upToDateMs: number;
  #changesSince = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#upToDateMs = clock.monotonicMs();
  }

  drainStarted(): void {
    this.#startedMs = this.#clock.monotonicMs();
    this.#counts = noCounts();
    if (this.#untold === null) this.#lags = new LagCounts();
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
    const nowMs = this.#clock.monotonicMs();
    this.#changesSince += this.#counts.published;
    const drained = {
      drains: 1,
      ...this.#counts,
      durationMs: Math.round(nowMs - this.#startedMs),
    };
    const isEmpty = !hasMoved(this.#counts);
    if (isEmpty)
      this.#logger.debug({ ...drained, ...endedBy(end, problems) }, words[end]);
    else this.#untold = sumOf(this.#untold, drained);
    const isLive = end === "complete" && this.#wasComplete;
    if (!isLive || nowMs - this.#toldMs >= TOGETHER_MS)
      this.#tell(isEmpty ? "complete" : end, isEmpty ? [] : problems);
    if (end !== "complete") return;
    this.#wasComplete = true;
    if (isEmpty) this.#tellUpToDate();
  }

  #tell(end: DrainEnd, problems: readonly DrainProblem[]): void {
    if (this.#untold === null) return;
    const lagMs = roundedOrNull(this.#lags.medianMs());
    this.#logger.info(
      { ...endedBy(end, problems), ...this.#untold, lagMs },
      words[end],
    );
    this.#untold = null;
    this.#toldMs = this.#clock.monotonicMs();
  }

  #tellUpToDate(): void {
    const sinceMs = this.#clock.monotonicMs() - this.#upToDateMs;
    if (sinceMs < UP_TO_DATE_EVERY_MS) return;
    const since = new Date(this.#clock.epochMs() - sinceMs).toISOString();
    const changes = this.#changesSince;
    this.#logger.info(
      { changes, since },
      `up to date, ${changes} changes since ${since}`,
    );
    this.#upToDateMs = this.#clock.monotonicMs();
    this.#changesSince = 0;
  }
}

const words: Readonly<Record<DrainEnd, string>> = {
  complete: "drained",
  incomplete: "drained",
  stopped: "drain stopped",
  denied: "drain failed",
  failed: "drain failed",
};

/** Returns the fields of a line on how a drain ended; the reason only where nothing else tells it. */
function endedBy(end: DrainEnd, problems: readonly DrainProblem[]) {
  const codes = [...new Set(problems.map(({ code }) => code))];
  const reason = problems.map(({ message }) => message).join("; ");
  return {
    end,
    ...(codes.length > 0 && { problems: codes }),
    ...(words[end] === "drain failed" && { reason }),
  };
}

type DrainSum = ReturnType<typeof noCounts> & {
  readonly drains: number;
  readonly durationMs: number;
};

function sumOf(sum: DrainSum | null, one: DrainSum): DrainSum {
  if (sum === null) return one;
  const added = Object.entries(sum).map(([name, count]) => [
    name,
    count + one[name as keyof DrainSum],
  ]);
  return Object.fromEntries(added) as DrainSum;
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
