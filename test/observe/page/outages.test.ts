// The lag line joins steps without a change, and breaks where nothing could reach Kafka.
import { expect, it } from "vitest";

interface Outages {
  readonly lagLine: (
    lagSeconds: readonly (number | null)[],
    outage: readonly boolean[],
  ) => readonly (number | null | undefined)[];
  readonly spansOf: (
    outage: readonly boolean[],
    start: number,
    stepSeconds: number,
  ) => readonly (readonly [number, number])[];
}

const file = new URL("../../../src/observe/page/outages.js", import.meta.url);
const { lagLine, spansOf } = (await import(file.href)) as Outages;

it("breaks the line at an outage only: uPlot joins undefined values, and breaks at null", () => {
  expect(
    lagLine(
      [1, null, 2, null, null, 3],
      [false, false, true, true, true, false],
    ),
  ).toEqual([1, undefined, 2, null, null, 3]);
});

it("marks each outage from its first to its last step", () => {
  expect(spansOf([false, true, true, false, true], 100, 10)).toEqual([
    [110, 130],
    [140, 150],
  ]);
});
