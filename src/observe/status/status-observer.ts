import type { Clock } from "../../lib/clock.ts";
import type {
  Attempt,
  DrainEnd,
  Held,
  Observer,
  RequestReport,
} from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import { activityOf } from "./activity.ts";
import { DrainProgress } from "./drain-progress.ts";
import type { Health } from "./health.ts";
import { lagMs } from "../metrics/lag.ts";
import { Moments } from "./moments.ts";
import type { DeadLetterNote, ErrorNote, Setting, Status } from "./status.ts";
import { Timeline } from "./timeline.ts";
import { drainTrouble, troubleOf, type Trouble } from "./trouble.ts";
import { TypeCounts } from "../metrics/type-counts.ts";
import type { TypeLabels } from "../metrics/type-labels.ts";

export interface StatusOptions {
  readonly setting: Setting;
  readonly health: Health;
  readonly clock: Clock;
  readonly types: TypeLabels;
}

const SHOWN_DEAD_LETTERS = 10;
const LONGEST_REASON = 500;
/** So long after Sell throttled, a drain counts as held back by it. */
const THROTTLED_MS = 5_000;

/** Gathers what the status page shows. */
export class StatusObserver implements Partial<Observer> {
  readonly #options: StatusOptions;
  readonly #moments: Moments;
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
  #buffered: Held = { items: 0, bytes: 0 };
  #unacknowledged = 0;
  #deadLetters: DeadLetterNote[] = [];
  #lastError: Omit<ErrorNote, "isOver"> | null = null;
  #throttledAtMs = -Infinity;
  #ratePerSecond: number | null = null;

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#moments = new Moments(options.clock);
    this.#startedAtMs = this.#nowMs;
    this.#types = new TypeCounts(options.types);
    this.#timeline = new Timeline(this.#startedAtMs);
  }

  connected(device: string): void {
    this.#device = device;
  }

  drainStarted(): void {
    this.#drain = new DrainProgress(this.#nowMs);
  }

  drainEnded(end: DrainEnd, problems: readonly string[]): void {
    const atMs = this.#nowMs;
    this.#drain = null;
    this.#buffered = { items: 0, bytes: 0 };
    this.#unacknowledged = 0;
    if (end === "stopped") return;
    this.#lastDrain = { end, endedAtMs: atMs, problems };
    if (end === "complete") this.#lastCompleteAtMs = atMs;
    const trouble = drainTrouble(end, problems);
    if (trouble !== null) this.#noteError("drain", trouble);
  }

  requested({ throttled, ratePerSecond }: RequestReport): void {
    this.#totals.requests++;
    this.#ratePerSecond = ratePerSecond;
    if (!throttled) return;
    this.#totals.throttled++;
    this.#throttledAtMs = this.#nowMs;
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
    const nowMs = this.#nowMs;
    const confirmedAtMs = this.#options.clock.epochMs();
    this.#drain?.settled(outcomes.length, nowMs);
    this.#types.settled(outcomes);
    const lags: (number | null)[] = [];
    // How old a backlog is says nothing about how late changes are.
    const isLive = this.#lastCompleteAtMs !== null;
    for (const outcome of outcomes) {
      if (outcome.fate.kind === "published")
        lags.push(isLive ? lagMs(outcome, confirmedAtMs) : null);
      else if (outcome.fate.kind === "dead-lettered")
        this.#noteDeadLetter(outcome.item.type, outcome.fate, nowMs);
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
    this.#noteError(what, troubleOf(what, error));
  }

  status(): Status {
    const { setting, health } = this.#options;
    const atMs = this.#nowMs;
    const told = (momentMs: number) => this.#moments.told(momentMs);
    const drain = this.#drain?.figures(atMs) ?? null;
    const timeline = this.#timeline.figures(atMs);
    const troubles = health.troubles();
    const isThrottled =
      this.#drain !== null && atMs - this.#throttledAtMs < THROTTLED_MS;
    return {
      ...setting,
      atMs: told(atMs),
      startedAtMs: told(this.#startedAtMs),
      device: this.#device,
      ready: troubles.length === 0,
      activity: activityOf({
        troubles,
        isDraining: this.#drain !== null,
        wasComplete: this.#lastCompleteAtMs !== null,
        isThrottled,
        ratePerSecond: this.#ratePerSecond,
        pollIntervalMs: setting.pollIntervalMs,
        toKafka: setting.toKafka,
      }),
      troubles,
      drain: drain && { ...drain, startedAtMs: told(drain.startedAtMs) },
      lastDrain: this.#lastDrain && {
        ...this.#lastDrain,
        endedAtMs: told(this.#lastDrain.endedAtMs),
      },
      lastCompleteAtMs:
        this.#lastCompleteAtMs === null ? null : told(this.#lastCompleteAtMs),
      totals: { ...this.#totals },
      buffered: this.#buffered,
      unacknowledged: this.#unacknowledged,
      types: this.#types.figures(),
      deadLetters: this.#deadLetters.map((note) => ({
        ...note,
        atMs: told(note.atMs),
      })),
      lastError: this.#lastError && {
        ...this.#lastError,
        atMs: told(this.#lastError.atMs),
        isOver: this.#isOver(this.#lastError.what),
      },
      timeline: { ...timeline, endsAtMs: told(timeline.endsAtMs) },
    };
  }

  get #nowMs(): number {
    return this.#moments.nowMs;
  }

  #isOver(what: ErrorNote["what"]): boolean {
    return what === "drain"
      ? this.#lastDrain?.end === "complete"
      : !this.#options.health.isFailing(what);
  }

  #noteError(what: ErrorNote["what"], { reason, remedy }: Trouble): void {
    this.#lastError = {
      atMs: this.#nowMs,
      what,
      reason: reason.slice(0, LONGEST_REASON),
      remedy,
    };
  }

  #noteDeadLetter(
    type: string | null,
    { stage, reason }: { readonly stage: string; readonly reason: string },
    atMs: number,
  ): void {
    this.#totals.deadLettered++;
    const note = {
      atMs,
      type: this.#options.types.of(type),
      stage,
      reason: reason.slice(0, LONGEST_REASON),
    };
    this.#deadLetters = [note, ...this.#deadLetters].slice(
      0,
      SHOWN_DEAD_LETTERS,
    );
  }
}
