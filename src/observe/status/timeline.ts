import { LagCounts } from "./lag-counts.ts";

const STEP_MS = 10_000;
const STEPS = 180;
/** An outage that is over is forgotten with the steps that it touches. */
const MOST_OUTAGES = 200;

/** The throughput and the lag of published changes over the last half hour, in steps of ten seconds. */
export interface TimelineFigures {
  readonly stepSeconds: number;
  /** End of the last, unfinished step, in milliseconds since the epoch. */
  readonly endsAtMs: number;
  /** Changes published in each step, oldest first. */
  readonly published: readonly number[];
  /** Median seconds from a change in Sell to its confirmation by Kafka; null for a step without a known lag. */
  readonly lagSeconds: readonly (number | null)[];
  /** Whether nothing could reach Kafka in some part of a step. */
  readonly outage: readonly boolean[];
}

interface Step {
  readonly number: number;
  published: number;
  readonly lags: LagCounts;
}

interface Outage {
  readonly fromMs: number;
  /** Infinity while it lasts. */
  toMs: number;
}

/** Keeps half an hour of throughput, lag and outages in a bounded amount of memory. */
export class Timeline {
  readonly #firstStep: number;
  #steps: Step[] = [];
  #outages: Outage[] = [];

  constructor(nowMs: number) {
    this.#firstStep = stepAt(nowMs);
  }

  /** Counts changes that Kafka confirmed at `nowMs`; null stands for an unknown lag. */
  add(lagsMs: readonly (number | null)[], nowMs: number): void {
    if (lagsMs.length === 0) return;
    const step = this.#currentStep(nowMs);
    step.published += lagsMs.length;
    for (const lagMs of lagsMs) step.lags.add(lagMs);
  }

  /** Notes the outage that lasts since `sinceMs`; null for none. */
  outage(sinceMs: number | null, nowMs: number): void {
    const last = this.#outages.at(-1);
    const lasts = last?.toMs === Infinity;
    if (sinceMs === null) {
      if (lasts) last.toMs = nowMs;
    } else if (!lasts)
      this.#outages = [
        ...this.#outages.slice(1 - MOST_OUTAGES),
        { fromMs: sinceMs, toMs: Infinity },
      ];
  }

  figures(nowMs: number): TimelineFigures {
    const last = stepAt(nowMs);
    const first = Math.max(this.#firstStep, last - STEPS + 1);
    const published: number[] = [];
    const lagSeconds: (number | null)[] = [];
    const outage: boolean[] = [];
    const byNumber = new Map(this.#steps.map((step) => [step.number, step]));
    for (let number = first; number <= last; number++) {
      const step = byNumber.get(number);
      const medianMs = step?.lags.medianMs() ?? null;
      published.push(step?.published ?? 0);
      lagSeconds.push(medianMs === null ? null : medianMs / 1_000);
      outage.push(this.#isOutage(number));
    }
    return {
      stepSeconds: STEP_MS / 1_000,
      endsAtMs: (last + 1) * STEP_MS,
      published,
      lagSeconds,
      outage,
    };
  }

  #isOutage(step: number): boolean {
    const fromMs = step * STEP_MS;
    return this.#outages.some(
      (one) => one.fromMs < fromMs + STEP_MS && one.toMs > fromMs,
    );
  }

  #currentStep(nowMs: number): Step {
    const number = stepAt(nowMs);
    const last = this.#steps.at(-1);
    if (last?.number === number) return last;
    const step = { number, published: 0, lags: new LagCounts() };
    this.#steps = [...this.#steps.slice(1 - STEPS), step];
    return step;
  }
}

function stepAt(ms: number): number {
  return Math.floor(ms / STEP_MS);
}
