import { uptime } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { abortable } from "./abortable.ts";

/** Time and randomness, passed in so that tests control both. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  epochMs(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonicMs(): number;
  /**
   * Like `monotonicMs`, from another fixed point, but advances while the machine is suspended:
   * for leases and tokens, which a server ends meanwhile.
   */
  uptimeMs(): number;
  /**
   * Resolves up to a millisecond early. Rejects with the signal's reason when that is aborted
   * first.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** Node.js turns a longer timer into one of a millisecond. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  epochMs: Date.now,
  monotonicMs: () => performance.now(),
  uptimeMs: uptimeClock(
    () => performance.now(),
    () => uptime() * 1_000,
  ),
  random: Math.random,
  async sleep(ms, signal) {
    signal.throwIfAborted();
    // Node.js would turn a timer below a millisecond into one or two milliseconds.
    if (ms < 1) await abortable(nextTurn(), signal);
    else await delayed(ms, signal);
  },
};

/**
 * A clock with the resolution of `fineMs` that also counts the time for which the machine was
 * suspended, which `coarseMs` counts. It is at most one step of the coarse clock ahead.
 */
export function uptimeClock(
  fineMs: () => number,
  coarseMs: () => number,
): () => number {
  let aheadMs = -Infinity;
  return () => {
    const nowMs = fineMs();
    aheadMs = Math.max(aheadMs, coarseMs() - nowMs);
    return nowMs + aheadMs;
  };
}

async function delayed(ms: number, signal: AbortSignal): Promise<void> {
  let leftMs = ms;
  while (leftMs > LONGEST_TIMER_MS) {
    await delayedOnce(LONGEST_TIMER_MS, signal);
    leftMs -= LONGEST_TIMER_MS;
  }
  await delayedOnce(leftMs, signal);
}

/** The timers that take a signal would make an error for each that is aborted. */
async function delayedOnce(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    await abortable(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}
