// The report of an audit: for people the worst first with what to do next, for programs one JSON object
// of any length in small parts.
import { describe, expect, it } from "vitest";
import { blocksOf } from "../../../support/documents/markdown.ts";
import type { AccountReport } from "../../../../src/app/audit-account.ts";
import type { FindingKind } from "../../../../src/audit/ledger-entry.ts";
import type { Finding } from "../../../../src/audit/report.ts";
import type { Counts } from "../../../../src/audit/tally.ts";
import { reportJson } from "../../../../src/cli/commands/audit/report-json.ts";
import { reportText } from "../../../../src/cli/commands/audit/report-text.ts";

const digest = { sell: "a".repeat(64), kafka: "b".repeat(64) };

function counts(some: Partial<Counts> = {}): Counts {
  return {
    ...{ inSell: 5, inKafka: 5, agreed: 5, missing: 0, different: 0 },
    ...{ gone: 0, deadLettered: 0, undecided: 0, notSeen: 0, ...some },
  };
}

function finding(kind: FindingKind, some: Partial<Finding> = {}): Finding {
  return {
    ...{ kind, type: "contact", id: "7", topic: "sell.contact" },
    ...{ partition: 3, offset: 9, sellRevision: "2", kafkaRevision: null },
    ...some,
  };
}

function report(
  types: Record<string, Partial<Counts>>,
  some: Partial<AccountReport> = {},
): AccountReport {
  const whole = Object.entries(types).map(
    ([type, one]) => [type, { ...counts(one), digest }] as const,
  );
  const sum = (name: keyof Counts) =>
    whole.reduce((total, [, one]) => total + one[name], 0);
  const totals = counts();
  for (const name of Object.keys(totals) as (keyof Counts)[])
    totals[name] = sum(name);
  return {
    version: "1.0.0",
    connector: "crm",
    account: {
      ...{ id: "1", name: "Acme", baseUrl: "https://api.getbase.com" },
      ...{ deviceUuid: "d", auditDeviceUuid: "a" },
    },
    cluster: { id: "c", brokers: ["localhost:9092"] },
    startedAt: "2026-11-28T10:00:00.000Z",
    endedAt: "2026-11-28T11:00:00.000Z",
    ...{ durationMs: 3_600_000, requests: 9, throttled: 0 },
    ...{ result: "differences", complete: true, problems: [], sessions: 2 },
    recordsRead: 12,
    topics: { "sell.contact": { endOffsets: { 0: 12 } } },
    totals,
    types: Object.fromEntries(whole),
    otherConnectors: [],
    examples: [],
    ...some,
  };
}

const byDefault = { config: "connector.config.json" };

function rowsOf(text: string): string[] {
  const table = text.split("\n\n")[0] ?? "";
  const rows = table.split("\n").filter((line) => /^\S/.test(line));
  return rows.map((line) => line.split(/ {2,}/)[0] ?? "");
}

/** The keys at all levels, without those that are names of topics, types or partitions. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return null;
  return Object.entries(value).map(([key, inner]) => [
    /^\d+$/.test(key) ? "n" : key,
    key === "endOffsets" ? null : shapeOf(inner),
  ]);
}

describe("the report for people", () => {
  it("shows the worst types first and the clean ones in one line", () => {
    const text = reportText(
      report({
        account: {},
        call: { deadLettered: 4 },
        contact: { different: 900 },
        deal: { missing: 1 },
        lead: { missing: 1, gone: 2 },
        note: {},
        task: { undecided: 1 },
        user: {},
        visit: { notSeen: 2 },
      }),
      byDefault,
    );
    expect(rowsOf(text)).toEqual([
      "TYPE",
      ...["lead", "deal", "contact", "call", "task", "visit"],
      "3 clean types",
      "all",
    ]);
    expect(text).toMatch(/^3 clean types +15 +15 +15( +0){6}$/m);
    expect(rowsOf(reportText(report({ account: {} }), byDefault))).toEqual([
      ...["TYPE", "account", "all"],
    ]);
  });

  it("names what to do about each kind of finding, the worst first", () => {
    const every = report(
      {
        contact: {
          ...{ missing: 1, different: 1, gone: 1, deadLettered: 1 },
          ...{ undecided: 1, notSeen: 1 },
        },
      },
      {
        examples: [
          finding("different"),
          finding("gone", { type: "our visits", id: "it's" }),
          finding("deadLettered", { topic: null, id: "-", partition: null }),
        ],
      },
    );
    const [, next = ""] = reportText(every, byDefault).split("next:\n");
    const lines = next.split("\n");
    expect(
      lines.flatMap((line) => /^ {2}(\S+(?: \S+)?)/.exec(line)?.[1] ?? []),
    ).toEqual([
      ...["missing", "different", "gone"],
      ...["dead letter", "undecided", "not seen"],
    ]);
    const steps = (kind: string) => {
      const at = lines.findIndex((line) => line.startsWith(`  ${kind} `));
      const end = lines.findIndex((line, i) => i > at && /^ {2}\S/.test(line));
      return lines.slice(at, end < 0 ? lines.length : end).join("\n");
    };
    expect(steps("different")).toContain(
      "who wrote one: sell-kafka explain contact 7 --history\n",
    );
    expect(steps("gone")).toContain(
      String.raw`sell-kafka explain 'our visits' 'it'\''s' --history`,
    );
    expect(steps("dead letter")).toMatch(
      /sell-kafka dead-letters replay --all$/,
    );
    // Nothing is read again before it is clear that no change merely waits.
    for (const kind of ["missing", "different"])
      expect(steps(kind)).toMatch(
        /waiting: sell-kafka status .*; when none runs, sell-kafka sync\n[^]*if nothing waits: raise sell\.epoch by one/,
      );
    const elsewhere = reportText(every, { config: "my crm.json" });
    expect(elsewhere).toContain("sell-kafka sync --config 'my crm.json'");
  });

  it("names the connectors that wrote to the same topics in place of a second process", () => {
    const mixed = report(
      { contact: { missing: 1, different: 1, gone: 1 } },
      {
        otherConnectors: ["demo", "east\u001b[31m"],
        examples: [finding("different"), finding("gone")],
      },
    );
    const text = reportText(mixed, byDefault);
    const line = String.raw`other connectors wrote to these topics: demo, east\u001b[31m; give each its own, by topics.pattern`;
    expect(text.split(line)).toHaveLength(4);
    expect(text).toContain("sell-kafka explain contact 7 --history");
    expect(text).not.toContain("a second process of this connector");
  });

  it.each<[string, Partial<Finding>, string]>([
    [
      "missing",
      { sellRevision: "1", kafkaRevision: "2" },
      "in Sell, deleted in Kafka at sell.contact partition 3 offset 9 (revision 1 in Sell, 2 in Kafka)",
    ],
    [
      "missing",
      { partition: null, offset: null },
      "in Sell, not in Kafka (sell.contact; revision 2 in Sell)",
    ],
    [
      "missing",
      { topic: null, partition: null, sellRevision: null },
      "in Sell, not in Kafka (no topic)",
    ],
    [
      "gone",
      { sellRevision: null, kafkaRevision: "4" },
      "in Kafka, gone from Sell (sell.contact partition 3 offset 9; revision 4 in Kafka)",
    ],
    [
      "different",
      { sellRevision: null },
      "different in Kafka (sell.contact partition 3 offset 9)",
    ],
  ])("tells of a record that is %s only what is known", (kind, some, line) => {
    const one = finding(kind as FindingKind, some);
    const text = reportText(
      report({ contact: { [kind]: 1 } }, { examples: [one] }),
      byDefault,
    );
    expect(text.split("\n")).toContain(`  contact 7: ${line}`);
  });

  it("says nothing of next steps when all is well, and to repeat an incomplete audit", () => {
    const clean = report({ contact: {} }, { result: "clean" });
    expect(reportText(clean, byDefault)).not.toContain("next:");
    const incomplete = report(
      { contact: {} },
      { result: "incomplete", problems: ["session 1: \u001b[31mlost"] },
    );
    const text = reportText(incomplete, byDefault);
    expect(text).toContain("sell-kafka audit again");
    expect(text).toContain(String.raw`! session 1: \u001b[31mlost`);
  });

  it("names the file that holds the whole report", () => {
    const text = reportText(report({}), { ...byDefault, out: "a.json" });
    expect(text).toMatch(/^the report with every finding is in a\.json$/m);
  });

  it("says how many findings are not among its examples", () => {
    const many = report(
      { contact: { missing: 500 } },
      { examples: [finding("missing")] },
    );
    expect(reportText(many, byDefault)).toContain(
      "and 499 others: --json and --out FILE name all",
    );
  });
});

describe("the report as JSON", () => {
  it("is one line with every finding", () => {
    const found = [finding("missing"), finding("gone", { id: "a\u202e\n" })];
    const whole = report({ contact: {} });
    const text = [...reportJson(whole, found)].join("");
    expect(JSON.parse(text)).toEqual({ ...whole, findings: found });
    expect(text.split("\n")).toHaveLength(2);
    expect(text).not.toContain("\u202e");
    const empty = [...reportJson(whole, [])].join("");
    expect(empty).toMatch(/,"findings":\[\]\}\n$/);
  });

  it("has the keys that docs/audit.md shows, in their order", () => {
    const block = blocksOf("docs/audit.md").find(
      ({ language }) => language === "json",
    );
    const shown = JSON.parse(block?.text ?? "{}") as object;
    const whole = report({ contact: {} });
    const made = [...reportJson(whole, [finding("missing")])].join("");
    expect(shapeOf(shown)).toEqual(shapeOf(JSON.parse(made)));
  });

  it("holds one part at a time of a million findings", () => {
    let made = 0;
    function* findings() {
      for (; made < 1_000_000; made++)
        yield finding("missing", { id: String(made) });
    }
    let seen = 0;
    let longest = 0;
    for (const part of reportJson(report({}), findings())) {
      seen += part.split('"kind"').length - 1;
      longest = Math.max(longest, part.length);
      // A part is made from the findings that were read since the last one.
      expect(made - seen).toBeLessThanOrEqual(1);
    }
    expect(seen).toBe(1_000_000);
    expect(longest).toBeLessThan(70_000);
  });
});
