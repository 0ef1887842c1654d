// Requests keep their distance, halve their rate when they are throttled, and climb back.
import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const never = new AbortController().signal;

async function startsOf(limiter: RateLimiter, clock: FakeClock, count: number) {
  const turns = Array.from({ length: count }, () => limiter.turn(never));
  return clock.runUntil(Promise.all(turns));
}

describe("the rate limiter", () => {
  it("starts requests at least 1/rate apart, without an opening burst", async () => {
    const clock = new FakeClock();
    const starts = await startsOf(new RateLimiter(10, clock), clock, 4);
    expect(starts).toEqual([0, 100, 200, 300]);
  });

  it("allows fractions of a request per second", async () => {
    const clock = new FakeClock();
    const starts = await startsOf(new RateLimiter(0.5, clock), clock, 2);
    expect(starts).toEqual([0, 2_000]);
  });

  it("halves the rate once for requests that were throttled together, and climbs back", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, clock);
    const [first, second] = await startsOf(limiter, clock, 2);
    limiter.throttled(second ?? 0, null);
    limiter.throttled(first ?? 0, null);
    expect(limiter.rate).toBe(5);
    for (let success = 0; success < 100; success++) limiter.succeeded();
    expect(limiter.rate).toBe(10);
  });

  it("counts from the moment at which a request's connection stands", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, clock);
    await startsOf(limiter, clock, 1);
    const next = limiter.turn(never);
    await clock.advance(60);
    limiter.connected();
    expect(await clock.runUntil(next)).toBe(160);
  });

  it("holds back every request until Retry-After is over", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, clock);
    await startsOf(limiter, clock, 1);
    limiter.throttled(0, 5_000);
    expect(await startsOf(limiter, clock, 2)).toEqual([5_000, 5_200]);
  });

  it("gives the turn of a caller that left to the next", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(1, clock);
    await startsOf(limiter, clock, 1);
    const leaving = new AbortController();
    const left = limiter.turn(leaving.signal);
    const next = limiter.turn(never);
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(await clock.runUntil(next)).toBe(1_000);
  });

  it.each([
    { latencyMs: 80, expected: 1 },
    { latencyMs: 250, expected: 3 },
    { latencyMs: 390, expected: 4 },
    { latencyMs: 1_000, expected: 4 },
  ])(
    "lets four readers have $expected requests under way at $latencyMs ms and 10 a second",
    async ({ latencyMs, expected }) => {
      const clock = new FakeClock();
      const limiter = new RateLimiter(10, clock);
      let left = 40;
      let underWay = 0;
      let most = 0;
      const reader = async () => {
        while (left-- > 0) {
          await limiter.turn(never);
          most = Math.max(most, ++underWay);
          await clock.sleep(latencyMs, never);
          underWay--;
        }
      };
      const readers = Promise.all([reader(), reader(), reader(), reader()]);
      await clock.runUntil(readers);
      expect(most).toBe(expected);
      const perRequestMs = Math.max(100, latencyMs / 4);
      expect(clock.monotonicMs()).toBeLessThanOrEqual(
        40 * perRequestMs + latencyMs,
      );
    },
  );
});
