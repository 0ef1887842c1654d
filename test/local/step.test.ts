// A step of a start tells that it still runs, and ends in bounded time.
import { describe, expect, it } from "vitest";
import { step, untilServing, type Progressed } from "../../src/local/step.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const limits = { what: "pulling it", idleMs: 20_000 };

function watched() {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const waited: string[] = [];
  const starting = {
    say: () => undefined,
    waiting: (text: string) => waited.push(text),
    signal: stopping.signal,
    clock,
  };
  return { starting, clock, stopping, waited };
}

const never = () => new Promise<never>(() => undefined);

describe("a step", () => {
  it("resolves as its work does, and tells nothing more", async () => {
    const { starting, clock, waited } = watched();
    expect(await step(starting, limits, () => Promise.resolve(7))).toBe(7);
    await clock.advance(100_000);
    expect(waited).toEqual([]);
    expect(clock.sleepers).toBe(0);
  });

  it("ends when it makes no progress, not when it is slow", async () => {
    const { starting, clock, waited } = watched();
    let progressed: Progressed = () => undefined;
    const done = step(starting, limits, (_signal, report) => {
      progressed = report;
      return never();
    });
    done.catch(() => undefined);
    await clock.advance(19_000);
    progressed("5 of 9 MB");
    await clock.advance(19_500);
    expect(waited.at(-1)).toBe("pulling it: 5 of 9 MB (38 s)");
    await clock.advance(1_000);
    await expect(done).rejects.toThrow("pulling it made no progress for 20 s");
  });

  it("ends at last even while it makes progress", async () => {
    const { starting, clock } = watched();
    const done = step(starting, limits, async (signal, progressed) => {
      for (;;) {
        progressed("more");
        await clock.sleep(5_000, signal);
      }
    });
    await expect(clock.runUntil(done)).rejects.toThrow(
      "pulling it takes longer than 900 s",
    );
  });

  it("stops with the start, and ends a probe that is repeated", async () => {
    const { starting, clock, stopping } = watched();
    let probes = 0;
    const done = step(starting, limits, (signal) =>
      untilServing(
        () => {
          probes++;
          return Promise.reject(new Error("not yet"));
        },
        clock,
        signal,
      ),
    );
    done.catch(() => undefined);
    await clock.advance(1_000);
    stopping.abort(new Error("stopped"));
    await expect(done).rejects.toThrow("stopped");
    const before = probes;
    await clock.advance(5_000);
    expect(probes).toBe(before);
    expect(before).toBeGreaterThan(3);
  });
});
