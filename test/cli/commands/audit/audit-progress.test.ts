// An audit says what it reads and how far it is: by bars on a terminal, by a line for each part elsewhere.
import { describe, expect, it } from "vitest";
import type { AuditPart, Progress } from "../../../../src/audit/progress.ts";
import {
  AuditBar,
  AuditLines,
} from "../../../../src/cli/commands/audit/audit-progress.ts";
import { terminal } from "../../../support/observe/terminal-text.ts";

const kafka = (total: number): AuditPart => ({
  ...{ name: "reading Kafka", total, unit: "offsets", durationMs: null },
});
const sell = (total: number | null, durationMs: number | null): AuditPart => ({
  ...{ name: "reading Sell", total, unit: "records", durationMs },
});
const wait: AuditPart = {
  ...{ name: "waiting", total: null, unit: "records", durationMs: 10_000 },
};

/** An audit that finds nothing new in Kafka behind the first session. */
function runThrough(progress: Progress): void {
  progress.began(kafka(3));
  progress.advanced(3);
  progress.began(sell(10, 6_400));
  progress.advanced(4);
  progress.began(kafka(0));
  progress.advanced(0);
  progress.began(wait);
}

describe("the progress of an audit", () => {
  it("is a bar for each part on a terminal, and a line where there is nothing to count", () => {
    const { stream, text } = terminal();
    using bar = new AuditBar(stream);
    runThrough(bar);
    bar.began(sell(null, null));
    bar.advanced(7);
    expect(text()).toMatch(
      /reading Kafka .* 100% \| 3\/3 offsets \| [-\d]+\/s/,
    );
    expect(text()).toMatch(/reading Sell .* 40% \| 4\/10 records \| [-\d]+\/s/);
    expect(text()).toContain("audit: waiting, about 10 s\n");
    expect(text()).toContain("audit: reading Sell\n");
    expect(text()).not.toContain("/0 ");
  });

  it("does not pass its total, which Sell estimates", () => {
    const { stream, text } = terminal();
    using bar = new AuditBar(stream);
    bar.began(sell(4, null));
    bar.advanced(9);
    bar[Symbol.dispose]();
    expect(text()).toMatch(/100% \| 9\/9 records/);
  });

  it("is a line for each part elsewhere, with how much and about how long", () => {
    const { stream, text } = terminal();
    const lines = new AuditLines(stream);
    runThrough(lines);
    lines.began(sell(1_000_000, 4_000_000));
    lines.began(sell(1, 1));
    expect(text().split("\n")).toEqual([
      "audit: reading Kafka, 3 offsets",
      "audit: reading Sell, 10 records, about 6 s",
      "audit: waiting, about 10 s",
      "audit: reading Sell, 1000000 records, about 67 minutes",
      "audit: reading Sell, 1 records, about 1 s",
      "",
    ]);
  });
});
