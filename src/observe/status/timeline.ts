import type { Outcome } from "../../domain/settled.ts";

const STEP_MS = 10_000;
const STEPS = 180;
const BINS = 120;
const BINS_PER_OCTAVE = 3;

/** The throughput and the lag of published changes over the last half hour, in steps of ten seconds. */
export interface TimelineFigures {
  readonly stepSeconds: number;
  /** End of the last, unfinished step, in milliseconds since the epoch. */
  readonly endsAtMs: number;
  /** Changes published in each step, oldest first. */
  readonly published: readonly number[];
  /** Median seconds from a change in Sell to its confirmation by Kafka; null for a step without a known lag. */
  readonly lagSeconds: readonly (number | null)[];
}

interface Step {
  readonly number: number;
  published: number;
  readonly lags: Uint32Array;
}

/** Keeps half an hour of throughput and lag in a bounded amount of memory (480 bytes for the lags of a step). */
export class Timeline {
  readonly #firstStep: number;
  #steps: Step[] = [];

  constructor(nowMs: number) {
    this.#firstStep = stepAt(nowMs);
  }

  /** Counts changes that Kafka confirmed at `nowMs`; null stands for an unknown lag. */
  add(lagsMs: readonly (number | null)[], nowMs: number): void {
    if (lagsMs.length === 0) return;
    const step = this.#currentStep(nowMs);
    step.published += lagsMs.length;
    for (const lagMs of lagsMs) {
      if (lagMs === null) continue;
      const bin = binAt(lagMs);
      step.lags[bin] = (step.lags[bin] ?? 0) + 1;
    }
  }

  figures(nowMs: number): TimelineFigures {
    const last = stepAt(nowMs);
    const first = Math.max(this.#firstStep, last - STEPS + 1);
    const published: number[] = [];
    const lagSeconds: (number | null)[] = [];
    const byNumber = new Map(this.#steps.map((step) => [step.number, step]));
    for (let number = first; number <= last; number++) {
      const step = byNumber.get(number);
      published.push(step?.published ?? 0);
      lagSeconds.push(step === undefined ? null : medianSeconds(step.lags));
    }
    return {
      stepSeconds: STEP_MS / 1_000,
      endsAtMs: (last + 1) * STEP_MS,
      published,
      lagSeconds,
    };
  }

  #currentStep(nowMs: number): Step {
    const number = stepAt(nowMs);
    const last = this.#steps.at(-1);
    if (last?.number === number) return last;
    const step = { number, published: 0, lags: new Uint32Array(BINS) };
    this.#steps = [...this.#steps.slice(1 - STEPS), step];
    return step;
  }
}

/**
 * Milliseconds from Sell's `updated_at` to the brokers' confirmation. Null for an item that is not
 * a published change, or has no `updated_at`.
 */
export function lagMs(
  { item, fate }: Outcome,
  confirmedAtMs: number,
): number | null {
  if (fate.kind !== "published" || item.kind !== "change") return null;
  if (item.sourceTimeMs === null) return null;
  // Sell's clock may be ahead of this machine's.
  return Math.max(0, confirmedAtMs - item.sourceTimeMs);
}

function stepAt(ms: number): number {
  return Math.floor(ms / STEP_MS);
}

/** Each bin is 26 % wider than the one before, so that 120 of them reach from a millisecond to years. */
function binAt(lagMs: number): number {
  const bin = Math.floor(Math.log2(lagMs + 1) * BINS_PER_OCTAVE);
  return Math.min(BINS - 1, bin);
}

function medianSeconds(lags: Uint32Array): number | null {
  const total = lags.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [bin, count] of lags.entries()) {
    below += count;
    if (count > 0 && below * 2 >= total)
      return (2 ** ((bin + 0.5) / BINS_PER_OCTAVE) - 1) / 1_000;
  }
  return null;
}
