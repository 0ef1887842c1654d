/** The summary of a sync ends with what to do about what it left undone. */
import { expect, it } from "vitest";
import { nextSteps } from "../../../src/cli/output/next-steps.ts";
import { summaryOf } from "../../../src/cli/output/summary.ts";
import { DrainTotals } from "../../../src/pipeline/drain-totals.ts";

const CONFIG = "east crm.json";

function stepsAfter(
  change: (totals: DrainTotals) => void,
  result: "complete" | "incomplete" | "denied" = "incomplete",
): string[] {
  const totals = new DrainTotals();
  change(totals);
  const summary = summaryOf(totals, { result, problems: [] }, 0);
  return nextSteps(summary, totals.unconfirmedKeys, CONFIG);
}

it("is silent when nothing is left to do", () => {
  expect(stepsAfter(() => undefined, "complete")).toEqual([]);
});

it("names the command that lists dead letters, also after a complete drain", () => {
  const steps = stepsAfter((totals) => {
    totals.fetched = 3;
    totals.deadLettered = 3;
  }, "complete");
  expect(steps).toEqual([
    "dead letters: 3; see their causes and what to do: sell-kafka dead-letters list --config 'east crm.json'",
  ]);
});

it("says what follows deferred items, failed objects and keys that were not confirmed", () => {
  const steps = stepsAfter((totals) => {
    totals.fetched = 5;
    totals.published = 3;
    totals.failedObjects = 1;
    totals.unacknowledged(7);
    totals.unacknowledged(2);
  });
  expect(steps.map((step) => step.split(/[;,]/)[0])).toEqual([
    "deferred: 2",
    "failed objects: 1",
    "not acknowledged: 2",
  ]);
  for (const step of steps)
    expect(step).toContain("sell-kafka sync --config 'east crm.json'");
});

it("leaves out what a later session has brought", () => {
  const steps = stepsAfter((totals) => {
    totals.failedObjects = 1;
    totals.fetched = 1;
  }, "complete");
  expect(steps).toEqual([]);
});

it.each([
  ["denied", "sell-kafka check"],
  ["incomplete", "sell-kafka sync"],
] as const)("names the command that follows when it is %s", (result, line) => {
  const [step] = stepsAfter(() => undefined, result);
  expect(step).toContain(line);
});
