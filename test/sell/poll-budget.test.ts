// Polling takes at most a quarter of a token's rate, over all connectors that share it.
import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const never = new AbortController().signal;

/** Polls for a minute, as fast as the budget allows; returns the requests that it made. */
async function pollForAMinute(
  limiter: RateLimiter,
  clock: FakeClock,
  { pollers, hasChanges }: { pollers: number; hasChanges: boolean },
): Promise<number> {
  let requests = 0;
  const stopping = new AbortController();
  const poller = async () => {
    for (;;) {
      await limiter.polling.turn(stopping.signal);
      requests++;
      if (!hasChanges) continue;
      limiter.polling.sessionOpened();
      requests += 3;
    }
  };
  const polling = Promise.allSettled(Array.from({ length: pollers }, poller));
  await clock.advance(59_999);
  stopping.abort(new Error("stopped"));
  await polling;
  return requests;
}

describe("the poll budget", () => {
  it.each([
    { pollers: 1, hasChanges: false },
    { pollers: 1, hasChanges: true },
    { pollers: 20, hasChanges: false },
    { pollers: 20, hasChanges: true },
  ])(
    "is a quarter of the rate for $pollers pollers, with changes: $hasChanges",
    async (pollers) => {
      const clock = new FakeClock();
      const limiter = new RateLimiter(10, clock);
      const requests = await pollForAMinute(limiter, clock, pollers);
      expect(requests).toBeLessThanOrEqual(152);
      expect(requests).toBeGreaterThan(140);
    },
  );

  it("shrinks with the rate when Sell throttles", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, clock);
    limiter.throttled(await limiter.turn(never), null);
    const requests = await pollForAMinute(limiter, clock, {
      pollers: 3,
      hasChanges: false,
    });
    expect(requests).toBeLessThanOrEqual(76);
  });

  it("lets a poller that stops leave at once, and the next take its turn", async () => {
    const clock = new FakeClock();
    const { polling } = new RateLimiter(0.1, clock);
    await polling.turn(never);
    const leaving = new AbortController();
    const first = polling.turn(leaving.signal);
    const second = polling.turn(leaving.signal);
    const third = polling.turn(never);
    leaving.abort(new Error("stopped"));
    await expect(first).rejects.toThrow("stopped");
    await expect(second).rejects.toThrow("stopped");
    await clock.runUntil(third);
    expect(clock.monotonicMs()).toBe(40_000);
  });
});
