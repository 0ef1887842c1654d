// The uptime clock counts the time of a suspended machine, and never goes back.
import { describe, expect, it } from "vitest";
import { systemClock, uptimeClock } from "../../src/lib/clock.ts";

describe("the clock of a machine that may be suspended", () => {
  it("is as fine as one that stands still meanwhile, and never goes back", () => {
    let fineMs = 0;
    let suspendedMs = 0;
    const uptimeMs = uptimeClock(
      () => fineMs,
      () => 500_000 + Math.floor((fineMs + suspendedMs) / 10) * 10,
    );
    const startMs = uptimeMs();
    let lastMs = startMs;
    for (let step = 0; step < 1_000; step++) {
      fineMs += 0.7;
      const nowMs = uptimeMs();
      expect(nowMs).toBeGreaterThanOrEqual(lastMs + 0.69);
      expect(Math.abs(nowMs - startMs - fineMs)).toBeLessThan(10.01);
      lastMs = nowMs;
    }
    suspendedMs = 60_000;
    expect(uptimeMs() - lastMs).toBeGreaterThan(59_980);
    expect(uptimeMs() - lastMs).toBeLessThan(60_020);
  });

  it("goes on with the monotonic one otherwise", async () => {
    const start = uptimeAhead();
    await systemClock.sleep(30, new AbortController().signal);
    const end = uptimeAhead();
    expect(end.mostMs - start.leastMs).toBeGreaterThanOrEqual(0);
    expect(end.leastMs - start.mostMs).toBeLessThan(20);
  });
});

/** How far the uptime is ahead of the monotonic clock: time passes between two readings. */
function uptimeAhead(): { leastMs: number; mostMs: number } {
  const beforeMs = systemClock.monotonicMs();
  const uptimeMs = systemClock.uptimeMs();
  const afterMs = systemClock.monotonicMs();
  return { leastMs: uptimeMs - afterMs, mostMs: uptimeMs - beforeMs };
}
