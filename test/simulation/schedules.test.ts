import { describe, expect, it } from "vitest";
import { mutants } from "./mutants.ts";
import { simulate, type Parts } from "./simulate.ts";

const SCHEDULES = 10_000;
const MOST_FOR_A_MUTANT = 1_000;

/** Plays seeds from 1 until one breaks a promise; `npm run schedules -- --seed N` tells how it came. */
async function firstBroken(
  schedules: number,
  parts?: Partial<Parts>,
): Promise<string | null> {
  for (let seed = 1; seed <= schedules; seed++) {
    const { broken } = await simulate(seed, parts);
    if (broken === null) continue;
    const { trace } = await simulate(seed, parts, true);
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

  it("is the same each time for the same seed", async () => {
    const [one, another] = [
      await simulate(7, {}, true),
      await simulate(7, {}, true),
    ];
    expect(one.trace.length).toBeGreaterThan(20);
    expect(one.trace).toEqual(another.trace);
  });

  it.each(Object.entries(mutants))(
    "finds out a connector that %s",
    { timeout: 60_000 },
    async (_, [parts, promise]) => {
      const [words] = (
        (await firstBroken(MOST_FOR_A_MUTANT, parts)) ?? ""
      ).split("\n");
      expect(words).toMatch(promise);
    },
  );
});
