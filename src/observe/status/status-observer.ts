import type { Clock } from "../../lib/clock.ts";
import type {
  Attempt,
  DrainEnd,
  DrainProblem,
  Held,
  Observer,
  RequestReport,
} from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import { describeActivity } from "./activity.ts";
import { DrainProgress } from "./drain-progress.ts";
import type { ConnectorTroubles } from "../troubles/connector-troubles.ts";
import { LatestDeadLetters } from "./latest-dead-letters.ts";
import { lagMs } from "./lag-counts.ts";
import type { SteadyClock } from "./steady-clock.ts";
import type { ErrorNote, Settings, Status } from "./status.ts";
import { Timeline, type TimelineFigures } from "./timeline.ts";
import {
  attemptFacts,
  problemFacts,
  type TroubleFacts,
} from "../troubles/trouble-facts.ts";
import { TypeCounts, type TypeLabels } from "../metrics/type-counts.ts";

export interface StatusOptions {
  readonly settings: Settings;
  /** Told of each event before the status. */
  readonly troubles: ConnectorTroubles;
  readonly clock: Clock;
  readonly types: TypeLabels;
}

const LONGEST_REASON = 500;
/** A drain counts as throttled for this long after the last throttled request. */
const THROTTLED_MS = 5_000;

/** Builds the status of one connector from the pipeline's events. */
export class StatusObserver implements Partial<Observer> {
  readonly #options: StatusOptions;
  readonly #time: SteadyClock;
  readonly #startedAtMs: number;
  readonly #types: TypeCounts;
  readonly #timeline: Timeline;
  #device: string | null = null;
  #drain: DrainProgress | null = null;
  #lastDrain: Status["lastDrain"] = null;
  #lastCompleteAtMs: number | null = null;
  #totals = {
    published: 0,
    acknowledged: 0,
    deadLettered: 0,
    requests: 0,
    throttled: 0,
  };
  #customFieldsUnknown: string | null = null;
  #buffered: Held = { items: 0, bytes: 0 };
  #unacknowledged = 0;
  readonly #deadLetters: LatestDeadLetters;
  #lastError: Omit<ErrorNote, "isOver"> | null = null;
  #throttledAtMs = -Infinity;
  #ratePerSecond: number | null = null;

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#time = options.troubles.time;
    this.#startedAtMs = this.#time.nowMs;
    this.#types = new TypeCounts(options.types);
    this.#deadLetters = new LatestDeadLetters(options.types);
    this.#timeline = new Timeline(this.#startedAtMs);
  }

  connected(device: string): void {
    this.#device = device;
  }

  drainStarted(): void {
    this.#drain = new DrainProgress(this.#time.nowMs);
  }

  drainEnded(end: DrainEnd, problems: readonly DrainProblem[]): void {
    const atMs = this.#time.nowMs;
    this.#drain = null;
    this.#buffered = { items: 0, bytes: 0 };
    this.#unacknowledged = 0;
    if (end === "stopped") return;
    const codes = [...new Set(problems.map(({ code }) => code))];
    this.#lastDrain = { end, endedAtMs: atMs, problems: codes };
    if (end === "complete") this.#lastCompleteAtMs = atMs;
    for (const one of problems) {
      const facts = problemFacts(one);
      if (facts !== null) this.#noteError("drain", facts);
    }
  }

  requested({ endpoint, throttled, ratePerSecond }: RequestReport): void {
    this.#totals.requests++;
    // Definitions may be read by another token, whose rate says nothing about the drain.
    if (endpoint === "custom_fields") return;
    this.#ratePerSecond = ratePerSecond;
    if (!throttled) return;
    this.#totals.throttled++;
    this.#throttledAtMs = this.#time.nowMs;
  }

  customFieldsAsked(unknownBecause: string | null): void {
    this.#customFieldsUnknown = unknownBecause;
  }

  sessionStarted(session: Session): void {
    this.#drain?.sessionStarted(session);
  }

  pageFetched(page: Page): void {
    this.#drain?.pageFetched(page);
    this.#types.pageFetched(page);
  }

  buffered(held: Held): void {
    this.#buffered = held;
  }

  settled(outcomes: readonly Outcome[]): void {
    const nowMs = this.#time.nowMs;
    const confirmedAtMs = this.#options.clock.epochMs();
    this.#drain?.settled(outcomes.length, nowMs);
    this.#types.settled(outcomes);
    const lags: (number | null)[] = [];
    // The age of a backlog says nothing about the lag of live changes.
    const isLive = this.#lastCompleteAtMs !== null;
    for (const outcome of outcomes) {
      if (outcome.fate.kind === "published")
        lags.push(isLive ? lagMs(outcome, confirmedAtMs) : null);
      else if (outcome.fate.kind === "dead-lettered") {
        this.#totals.deadLettered++;
        this.#deadLetters.add(outcome.item.type, outcome.fate, nowMs);
      }
    }
    this.#totals.published += lags.length;
    this.#timeline.add(lags, nowMs);
  }

  acknowledged(keys: number): void {
    this.#totals.acknowledged += keys;
  }

  unacknowledged(keys: number): void {
    this.#unacknowledged = keys;
  }

  retrying(what: Attempt, error: unknown): void {
    this.#noteError(what, attemptFacts(what, error));
  }

  status(): Status {
    const { settings } = this.#options;
    const atMs = this.#time.nowMs;
    const troubles = this.#options.troubles.list();
    this.lookAtOutage();
    const toWallClockMs = (ms: number) => this.#time.toWallClockMs(ms);
    const drain = this.#drain?.figures(atMs) ?? null;
    const timeline = this.#timeline.figures(atMs);
    const isThrottled =
      this.#drain !== null && atMs - this.#throttledAtMs < THROTTLED_MS;
    const types = this.#types.figures(this.#options.troubles.waiting());
    return {
      ...settings,
      atMs: toWallClockMs(atMs),
      startedAtMs: toWallClockMs(this.#startedAtMs),
      device: this.#device,
      ready: troubles.length === 0,
      activity: describeActivity({
        troubles,
        doAllTypesWait: types.every(({ deferred }) => deferred > 0),
        isDraining: this.#drain !== null,
        wasComplete: this.#lastCompleteAtMs !== null,
        isThrottled,
        ratePerSecond: this.#ratePerSecond,
        pollIntervalMs: settings.pollIntervalMs,
        toKafka: settings.toKafka,
      }),
      troubles,
      drain: drain && {
        ...drain,
        startedAtMs: toWallClockMs(drain.startedAtMs),
      },
      lastDrain: this.#lastDrain && {
        ...this.#lastDrain,
        endedAtMs: toWallClockMs(this.#lastDrain.endedAtMs),
      },
      lastCompleteAtMs:
        this.#lastCompleteAtMs === null
          ? null
          : toWallClockMs(this.#lastCompleteAtMs),
      totals: { ...this.#totals },
      buffered: this.#buffered,
      unacknowledged: this.#unacknowledged,
      lagSeconds: this.#lagSeconds(timeline),
      types,
      deadLetters: this.#deadLetters.list().map((note) => ({
        ...note,
        atMs: toWallClockMs(note.atMs),
      })),
      customFieldsUnknown: this.#customFieldsUnknown,
      lastError: this.#lastError && {
        ...this.#lastError,
        atMs: toWallClockMs(this.#lastError.atMs),
        isOver: this.#isOver(this.#lastError.what),
      },
      timeline: { ...timeline, endsAtMs: toWallClockMs(timeline.endsAtMs) },
    };
  }

  #isOver(what: ErrorNote["what"]): boolean {
    return what === "drain"
      ? this.#lastDrain?.end === "complete"
      : !this.#options.troubles.readiness.isFailing(what);
  }

  /** Called after each event. */
  lookAtOutage(): void {
    const sinceMs = this.#options.troubles.outageSinceMs();
    this.#timeline.outage(sinceMs, this.#time.nowMs);
  }

  /** As `Status.lagSeconds`. */
  #lagSeconds({ lagSeconds }: TimelineFigures): number | null {
    const completeAtMs = this.#lastCompleteAtMs;
    if (completeAtMs === null) return null;
    return this.#options.troubles.outageSinceMs() === null
      ? (lagSeconds.findLast((one) => one !== null) ?? null)
      : (this.#time.nowMs - completeAtMs) / 1_000;
  }

  #noteError(
    what: ErrorNote["what"],
    { reason, remedy }: Pick<TroubleFacts, "reason" | "remedy">,
  ): void {
    this.#lastError = {
      atMs: this.#time.nowMs,
      what,
      reason: reason.slice(0, LONGEST_REASON),
      remedy,
    };
  }
}
