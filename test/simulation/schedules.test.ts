// Ten thousand random orders of events, faults and deaths of the process keep every promise.
import { describe, expect, it } from "vitest";
import { Coverage } from "./coverage.ts";
import { simulate } from "./simulate.ts";

const SCHEDULES = 10_000;

/** Plays seeds from 1 until one breaks a promise; `npm run schedules -- --seed N` tells how it came. */
async function firstBroken(
  schedules: number,
  met: Coverage,
): Promise<string | null> {
  for (let seed = 1; seed <= schedules; seed++) {
    const { broken, counts } = await simulate(seed);
    met.add(seed, counts);
    if (broken === null) continue;
    const { trace } = await simulate(seed, true);
    return `${broken.message} (npm run schedules -- --seed ${seed})\n${trace.join("\n")}`;
  }
  return null;
}

describe("any order of events, faults and deaths of the process", () => {
  it(
    `keeps every promise, in ${SCHEDULES} schedules`,
    { timeout: 300_000 },
    async () => {
      const met = new Coverage();
      expect(await firstBroken(SCHEDULES, met)).toBeNull();
      // What does not happen is not tried.
      for (const counts of [met.atLeastOnce, met.exactlyOnce]) {
        expect(counts.deadLettered).toBeGreaterThan(1_000);
        expect(counts.deferred).toBeGreaterThan(500);
        expect(counts.held).toBeGreaterThan(50);
        expect(counts.superseded).toBeGreaterThan(100);
        expect(counts.staleDeletes).toBeGreaterThan(5);
        expect(counts.redelivered).toBeGreaterThan(200);
      }
      expect(met.exactlyOnce.duplicate).toBeGreaterThan(1_000);
      expect(met.exactlyOnce.fenced).toBeGreaterThan(1_000);
    },
  );

  it.each([7, 8])("is the same each time for seed %i", async (seed) => {
    const one = await simulate(seed, true);
    const another = await simulate(seed, true);
    expect(one.trace.length).toBeGreaterThan(20);
    expect(one.trace).toEqual(another.trace);
  });
});
