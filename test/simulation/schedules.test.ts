// Thousands of random orders of events, faults and deaths of the process keep every promise.
import { describe, expect, it } from "vitest";
import { Coverage } from "./coverage.ts";
import { simulate } from "./simulate.ts";

/** `npm run schedules` plays more of them. */
const SCHEDULES = 4_000;

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
        expect(counts.deadLettered).toBeGreaterThan(400);
        expect(counts.deferred).toBeGreaterThan(200);
        expect(counts.held).toBeGreaterThan(20);
        expect(counts.superseded).toBeGreaterThan(20);
        expect(counts.staleDeletes).toBeGreaterThan(2);
        expect(counts.redelivered).toBeGreaterThan(80);
      }
      expect(met.exactlyOnce.duplicate).toBeGreaterThan(400);
      expect(met.exactlyOnce.fenced).toBeGreaterThan(400);
    },
  );

  it.each([7, 8])("is the same each time for seed %i", async (seed) => {
    const one = await simulate(seed, true);
    const another = await simulate(seed, true);
    expect(one.trace.length).toBeGreaterThan(20);
    expect(one.trace).toEqual(another.trace);
  });
});
