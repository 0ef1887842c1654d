// The timeline counts in steps of ten seconds, tells the median lag, and forgets after half an hour.
import { describe, expect, it } from "vitest";
import { DrainProgress } from "../../../src/observe/status/drain-progress.ts";
import { Timeline } from "../../../src/observe/status/timeline.ts";
import { change, page } from "../../support/builders.ts";

describe("the timeline", () => {
  it("counts what was published in each ten seconds, gaps included", () => {
    const timeline = new Timeline(100_000);
    timeline.add([null, null], 101_000);
    timeline.add([null], 125_000);
    expect(timeline.figures(139_999)).toEqual({
      stepSeconds: 10,
      endsAtMs: 140_000,
      published: [2, 0, 1, 0],
      lagSeconds: [null, null, null, null],
      outage: [false, false, false, false],
    });
  });

  it("tells the median lag within an eighth, from milliseconds to years", () => {
    for (const lagMs of [20, 250, 1_100, 90_000, 7_200_000, 3e11]) {
      const timeline = new Timeline(0);
      timeline.add([0, lagMs, lagMs, lagMs, 4e11], 5);
      const [median] = timeline.figures(5).lagSeconds;
      expect(Math.abs((median ?? 0) * 1_000 - lagMs)).toBeLessThan(lagMs / 8);
    }
  });

  it("forgets what is older than half an hour", () => {
    const timeline = new Timeline(0);
    for (let step = 0; step < 400; step++) timeline.add([1], step * 10_000);
    const { published } = timeline.figures(400 * 10_000);
    expect(published).toHaveLength(180);
    expect(published.at(0)).toBe(1);
    expect(published.at(-1)).toBe(0);
    expect(timeline.figures(9_000 * 10_000).published).toEqual(
      Array.from({ length: 180 }, () => 0),
    );
  });
});

describe("the progress of a drain", () => {
  const items = Array.from({ length: 100 }, () => change());

  it("tells rate and time left by Sell's own estimates", () => {
    const progress = new DrainProgress(0);
    const session = { id: "s", pages: 10, totalCount: 1_000 };
    progress.sessionStarted({ ...session, fetch: () => Promise.resolve(null) });
    for (let second = 1; second <= 5; second++) {
      progress.pageFetched(page(items, { countLeft: 1_000 - second * 100 }));
      progress.settled(100, second * 1_000);
    }
    expect(progress.figures(5_000)).toEqual({
      startedAtMs: 0,
      session: "s",
      done: 500,
      total: 1_000,
      perSecond: 100,
      secondsLeft: 5,
    });
  });

  it("has a rate of nothing after half a minute without progress", () => {
    const progress = new DrainProgress(0);
    progress.pageFetched(page(items, { countLeft: 50 }));
    progress.settled(100, 1_000);
    expect(progress.figures(60_000)).toMatchObject({
      perSecond: 0,
      secondsLeft: null,
    });
  });

  it("has no total without an estimate", () => {
    const progress = new DrainProgress(0);
    progress.settled(100, 500);
    expect(progress.figures(600)).toMatchObject({
      total: null,
      perSecond: null,
      secondsLeft: null,
    });
  });
});
