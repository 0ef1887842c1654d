// The kills of a soak meet each phase of the work.
import { expect, it } from "vitest";
import { Random } from "../../src/simulator/random.ts";
import { guarantees, phases, planOf } from "./phases.ts";

it.each(guarantees)("200 kills meet each phase often, %s", (guarantee) => {
  const plan = planOf(guarantee, 200, new Random(1, 17));
  expect(plan).toHaveLength(200);
  for (const phase of phases[guarantee]) {
    const kills = plan.filter(({ name }) => name === phase.name);
    expect(kills.length).toBeGreaterThanOrEqual(15);
  }
});

it("a kill for each phase meets each phase", () => {
  const all = phases["exactly-once"];
  const plan = planOf("exactly-once", all.length, new Random(2, 17));
  expect(new Set(plan)).toEqual(new Set(all));
});
