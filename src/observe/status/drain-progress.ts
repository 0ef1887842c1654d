import type { Page, Session } from "../../domain/ports.ts";

const WINDOW_MS = 30_000;
const SAMPLE_EVERY_MS = 250;

/** The progress of one drain. */
export interface ProgressFigures {
  readonly startedAtMs: number;
  /** Id of the latest session; null before the first. */
  readonly session: string | null;
  /** Items whose fate is settled. */
  readonly done: number;
  /** Settled and held items, and Sell's estimate of the rest; null without an estimate. */
  readonly total: number | null;
  /** Settled items per second over the last 30 seconds. */
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** Computes rate and time left of one drain; both rest on Sell's estimates, which are only hints. */
export class DrainProgress {
  readonly #startedAtMs: number;
  #session: string | null = null;
  #done = 0;
  #fetched = 0;
  #estimate: number | null = null;
  #samples: Sample[];

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#samples = [{ atMs: nowMs, done: 0 }];
  }

  sessionStarted({ id, totalCount }: Session): void {
    this.#session = id;
    this.#estimate = totalCount === null ? null : this.#done + totalCount;
  }

  pageFetched({ items, countLeft }: Page): void {
    this.#fetched += items.length;
    if (countLeft !== null) this.#estimate = this.#fetched + countLeft;
  }

  settled(items: number, nowMs: number): void {
    this.#done += items;
    if (nowMs - (this.#samples.at(-1)?.atMs ?? 0) >= SAMPLE_EVERY_MS)
      this.#samples.push({ atMs: nowMs, done: this.#done });
    while ((this.#samples[1]?.atMs ?? nowMs) < nowMs - WINDOW_MS)
      this.#samples.shift();
  }

  figures(nowMs: number): ProgressFigures {
    const total =
      this.#estimate === null ? null : Math.max(this.#estimate, this.#done);
    const perSecond = this.#rate(nowMs);
    const left = total === null ? null : total - this.#done;
    return {
      startedAtMs: this.#startedAtMs,
      session: this.#session,
      done: this.#done,
      total,
      perSecond,
      secondsLeft:
        left === null || perSecond === null || perSecond === 0
          ? null
          : left / perSecond,
    };
  }

  #rate(nowMs: number): number | null {
    const sinceMs = nowMs - WINDOW_MS;
    const [first] = this.#samples.filter(({ atMs }) => atMs >= sinceMs);
    const from = first ?? { atMs: sinceMs, done: this.#done };
    const seconds = (nowMs - from.atMs) / 1_000;
    return seconds < 1 ? null : (this.#done - from.done) / seconds;
  }
}
