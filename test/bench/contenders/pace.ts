import { setTimeout as delay } from "node:timers/promises";

/** Spaces requests: the next one starts no sooner than 1/rate after the one before. */
export function paceOf(requestsPerSecond: number): () => Promise<void> {
  let nextMs = 0;
  return async () => {
    const nowMs = performance.now();
    const startMs = Math.max(nowMs, nextMs);
    nextMs = startMs + 1_000 / requestsPerSecond;
    if (startMs > nowMs) await delay(startMs - nowMs);
  };
}
