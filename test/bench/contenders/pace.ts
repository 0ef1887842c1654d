import {
  setImmediate as nextTurn,
  setTimeout as delay,
} from "node:timers/promises";

/**
 * Spaces requests by the rule that sell-kafka keeps: each starts no sooner than 1/rate after the
 * one before really started, so a timer that is late delays all that follow.
 */
export function paceOf(requestsPerSecond: number): () => Promise<void> {
  let lastMs = -Infinity;
  let line = Promise.resolve();
  const turn = async () => {
    for (;;) {
      const waitMs = lastMs + 1_000 / requestsPerSecond - performance.now();
      if (waitMs <= 0) break;
      await (waitMs < 1 ? nextTurn() : delay(waitMs));
    }
    lastMs = performance.now();
  };
  return () => (line = line.then(turn));
}
