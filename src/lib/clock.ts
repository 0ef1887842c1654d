import { uptime } from "node:os";
import {
  setImmediate as nextTurn,
  setTimeout as delay,
} from "node:timers/promises";

/** Time and chance, passed in so that tests can own both. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  epochMs(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonicMs(): number;
  /**
   * Like `monotonicMs`, from another fixed point, but goes on while the machine is suspended:
   * for what ends elsewhere at the same time, such as leases and tokens.
   */
  uptimeMs(): number;
  /**
   * May end up to a millisecond early. Rejects with the signal's reason when it is aborted before
   * the time is up.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** Node.js makes a longer timer one of a millisecond. */
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
    try {
      // Node.js has no timer for less than a millisecond: it would make it one, or two.
      if (ms < 1) await nextTurn(undefined, { signal });
      else await delayed(ms, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};

/**
 * Adds to a fine clock what a coarse one, which goes on while the machine is suspended, gains on
 * it. The steps of the coarse one never take it back, and add at most one of them in all.
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
    await delay(LONGEST_TIMER_MS, undefined, { signal });
    leftMs -= LONGEST_TIMER_MS;
  }
  await delay(leftMs, undefined, { signal });
}
