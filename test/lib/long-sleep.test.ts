// A sleep that is longer than a timer of Node.js can be does not end at once.
import { expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";

it.each([2 ** 31, 3_000_000_000, 1e300, Infinity])(
  "sleeps %d ms, and not one",
  async (ms) => {
    const over = new AbortController();
    const sleeping = systemClock.sleep(ms, over.signal).then(() => "awake");
    const soon = systemClock.sleep(20, over.signal).then(() => "asleep");
    expect(await Promise.race([sleeping, soon])).toBe("asleep");
    over.abort(new Error("over"));
    await expect(sleeping).rejects.toThrow("over");
  },
);
