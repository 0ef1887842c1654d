import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const SCHEDULES = 10_000;

/** Plays seeds from 1 until one breaks a promise; `npm run schedules -- --seed N` tells how it came. */
async function firstBroken(schedules: number): Promise<string | null> {
  for (let seed = 1; seed <= schedules; seed++) {
    const { broken } = await simulate(seed);
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
      expect(await firstBroken(SCHEDULES)).toBeNull();
    },
  );

  it.each([7, 8])("is the same each time for seed %i", async (seed) => {
    const one = await simulate(seed, true);
    const another = await simulate(seed, true);
    expect(one.trace.length).toBeGreaterThan(20);
    expect(one.trace).toEqual(another.trace);
  });
});
