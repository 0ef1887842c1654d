// Connectors that share a token share its rate.
import { describe, expect, it } from "vitest";
import { TokenLimiters } from "../../src/sell/token-limiters.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const never = new AbortController().signal;

describe("the limiters of tokens", () => {
  it("space the requests of all connectors that share a token", async () => {
    const clock = new FakeClock();
    const limiters = new TokenLimiters(clock);
    using first = limiters.join("a", 10);
    using second = limiters.join("a", 10);
    using other = limiters.join("b", 10);
    const turns = [first, second, first, other].map(({ limiter }) =>
      limiter.turn(never),
    );
    expect(await clock.runUntil(Promise.all(turns))).toEqual([0, 100, 200, 0]);
  });

  it("keep to the lowest ceiling, as long as its connector is there", async () => {
    const clock = new FakeClock();
    const limiters = new TokenLimiters(clock);
    using fast = limiters.join("a", 10);
    const { limiter } = fast;
    const slow = limiters.join("a", 2);
    expect(limiter.rate).toBe(2);
    slow[Symbol.dispose]();
    for (let n = 0; n < 100; n++) limiter.succeeded();
    expect(limiter.rate).toBe(10);
    await limiter.turn(never);
  });
});
