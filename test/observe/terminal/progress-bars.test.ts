// A bar on a terminal tells rate and progress of a drain.
import { describe, expect, it } from "vitest";
import {
  DrainBar,
  ratePerSecond,
} from "../../../src/observe/terminal/progress-bars.ts";
import { change, page } from "../../support/builders.ts";
import { terminal } from "../../support/observe/terminal-text.ts";

describe("a bar on a terminal", () => {
  it("says how many a second, once there is a second to speak of", () => {
    expect(ratePerSecond(0, 1_000, 1_000)).toBe("-");
    expect(ratePerSecond(50, 1_000, 1_500)).toBe(100);
    expect(ratePerSecond(10, 1_000, 4_000)).toBe(3);
  });

  it("shows how far a drain is", () => {
    const { stream, text } = terminal();
    using bar = new DrainBar(stream);
    bar.sessionStarted({
      id: "s",
      pages: 1,
      totalCount: 4,
      fetch: () => Promise.resolve(null),
    });
    const items = [change({ id: "1" }), change({ id: "2" })];
    bar.pageFetched(page(items, { countLeft: 2 }));
    bar.settled(
      items.map((item) => ({ item, fate: { kind: "published" as const } })),
    );
    bar[Symbol.dispose]();
    expect(text()).toMatch(/draining Sell .* 50% \| 2\/4 \| [-\d]+\/s \| /);
  });
});
