import { abortable } from "../lib/abortable.ts";
import { systemClock, type Clock } from "../lib/clock.ts";

const TELL_EVERY_MS = 1_000;
/** A step ends after this time even while it makes progress. */
const LONGEST_STEP_MS = 15 * 60_000;

/** How a start is told to the user, and stopped. */
export interface Starting {
  readonly say: (line: string) => void;
  /** Told once a second what the start waits for. */
  readonly waiting: (text: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** For a start that nobody watches. */
export const silently: Starting = {
  say: () => undefined,
  waiting: () => undefined,
  signal: new AbortController().signal,
  clock: systemClock,
};

export interface StepLimits {
  /** The work of the step, as in "pulling an image". */
  readonly what: string;
  /** The longest time without progress. */
  readonly idleMs: number;
}

/** Notes progress, with words about it. */
export type Progressed = (detail: string) => void;

/** Runs one step of a start. Rejects when it makes no progress for too long, or with the reason of the start's signal. */
export async function step<T>(
  { waiting, signal: stopping, clock }: Starting,
  { what, idleMs }: StepLimits,
  work: (signal: AbortSignal, progressed: Progressed) => Promise<T>,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  const over = new AbortController();
  const signal = AbortSignal.any([stopping, over.signal]);
  let progress = { atMs: startedMs, detail: "" };
  const watch = async () => {
    for (;;) {
      await clock.sleep(TELL_EVERY_MS, over.signal);
      const nowMs = clock.monotonicMs();
      const tookMs = nowMs - startedMs;
      if (nowMs - progress.atMs >= idleMs || tookMs >= LONGEST_STEP_MS) {
        over.abort(timeoutOf(what, nowMs - progress.atMs, tookMs));
        return;
      }
      const detail = progress.detail === "" ? "" : `: ${progress.detail}`;
      waiting(`${what}${detail} (${secondsOf(tookMs)})`);
    }
  };
  watch().catch(() => undefined);
  try {
    return await abortable(
      work(signal, (detail) => {
        progress = { atMs: clock.monotonicMs(), detail };
      }),
      signal,
    );
  } finally {
    // A part of the work that still runs, such as a probe that is repeated, ends with the step.
    over.abort();
  }
}

function timeoutOf(what: string, idleMs: number, tookMs: number): Error {
  return new Error(
    tookMs >= LONGEST_STEP_MS
      ? `${what} takes longer than ${secondsOf(LONGEST_STEP_MS)}`
      : `${what} made no progress for ${secondsOf(idleMs)}`,
  );
}

function secondsOf(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

/** Repeats a probe until it resolves; rejects with the signal's reason. */
export async function untilServing(
  probe: (signal: AbortSignal) => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await probe(signal);
      return;
    } catch {
      await clock.sleep(PROBE_EVERY_MS, signal);
    }
  }
}

const PROBE_EVERY_MS = 150;

const SAY_EVERY_MS = 3_000;

/** Returns a `waiting` that says one of its texts every few seconds. */
export function everyFewSeconds(
  say: (line: string) => void,
  clock = systemClock,
): (text: string) => void {
  let saidMs = clock.monotonicMs();
  return (text) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < SAY_EVERY_MS) return;
    saidMs = nowMs;
    say(text);
  };
}
