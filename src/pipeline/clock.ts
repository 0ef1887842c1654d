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
   * May end up to a millisecond early. Rejects with the signal's reason when it is aborted before
   * the time is up.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

export const systemClock: Clock = {
  epochMs: Date.now,
  monotonicMs: () => performance.now(),
  random: Math.random,
  async sleep(ms, signal) {
    signal.throwIfAborted();
    try {
      // Node.js has no timer for less than a millisecond: it would make it one, or two.
      if (ms < 1) await nextTurn(undefined, { signal });
      else await delay(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
