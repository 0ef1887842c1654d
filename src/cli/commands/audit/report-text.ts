import type { AccountReport } from "../../../app/audit-account.ts";
import { findingKinds, type FindingKind } from "../../../audit/ledger-entry.ts";
import type { Finding } from "../../../audit/report.ts";
import type { Counts } from "../../../audit/tally.ts";
import { printable } from "../../../security/printable.ts";
import { counted } from "../../../lib/text/counted.ts";
import { tableLines } from "../../output/table.ts";
import { nextSteps } from "./next-steps.ts";

/** How the audit was called. */
interface Invocation {
  /** The configuration file. */
  readonly config: string;
  /** The file that the report was written to; missing without one. */
  readonly out?: string | undefined;
}

const RESULTS: Readonly<Record<AccountReport["result"], string>> = {
  clean: "Kafka holds what Sell holds",
  differences: "Kafka does not hold what Sell holds",
  undecided: "some records went on changing, and could not be compared",
  incomplete:
    "incomplete: Sell did not hand out everything, so nothing is known of what it did not",
};

const COLUMNS: readonly [name: string, count: keyof Counts][] = [
  ["IN SELL", "inSell"],
  ["IN KAFKA", "inKafka"],
  ["SAME", "agreed"],
  ["MISSING", "missing"],
  ["DIFFERENT", "different"],
  ["GONE", "gone"],
  ["DEAD LETTER", "deadLettered"],
  ["UNDECIDED", "undecided"],
  ["NOT SEEN", "notSeen"],
];

const KINDS: Readonly<Record<FindingKind, string>> = {
  missing: "in Sell, not in Kafka",
  different: "different in Kafka",
  gone: "in Kafka, gone from Sell",
  deadLettered: "a dead letter",
  undecided: "undecided",
  notSeen: "not handed out by Sell",
};

/** The report of an audit for people: counts by type, the first findings of each kind, and what to do next. */
export function reportText(
  report: AccountReport,
  { config, out }: Invocation,
): string {
  const { examples, problems, totals } = report;
  const found = findingKinds.reduce((sum, kind) => sum + totals[kind], 0);
  const others = found - examples.length;
  return [
    ...countLines(report),
    ...(examples.length > 0 ? ["", "for example:"] : []),
    ...examples.map(exampleLine),
    ...(others > 0
      ? [`  and ${others} others: --json and --out FILE name all`]
      : []),
    ...problems.map((problem) => printable(`! ${problem}`)),
    "",
    `${RESULTS[report.result]} (${counted(report.sessions, "session")}, ${counted(report.requests, "request")}, ${(report.durationMs / 1_000).toFixed(1)} s)`,
    ...(out === undefined
      ? []
      : [printable(`the report with every finding is in ${out}`)]),
    ...nextSteps(report, config).map(printable),
  ].join("\n");
}

/** A row for each type with a finding, the worst first, one row for all other types, and the sums. */
function countLines({ types, totals }: AccountReport): string[] {
  const all = Object.entries(types);
  const clean = all.filter(([, counts]) => isClean(counts));
  const others = all
    .filter(([, counts]) => !isClean(counts))
    .sort(([, a], [, b]) => worstFirst(a, b));
  const folded: [string, Counts][] =
    clean.length > 1
      ? [[`${clean.length} clean types`, sumOf(clean.map(([, one]) => one))]]
      : clean;
  const rows = [...others, ...folded, ["all", totals] as const].map(
    ([type, counts]) => [
      type,
      ...COLUMNS.map(([, count]) => String(counts[count])),
    ],
  );
  return tableLines(
    [["TYPE", ...COLUMNS.map(([name]) => name)], ...rows],
    (cell, width, column) =>
      column === 0 ? cell.padEnd(width) : cell.padStart(width),
  );
}

function isClean(counts: Counts): boolean {
  return findingKinds.every((kind) => counts[kind] === 0);
}

function worstFirst(a: Counts, b: Counts): number {
  const kind = findingKinds.find((one) => a[one] !== b[one]);
  return kind === undefined ? 0 : b[kind] - a[kind];
}

function sumOf(all: readonly Counts[]): Counts {
  const sum = Object.fromEntries(
    COLUMNS.map(([, count]) => [
      count,
      all.reduce((total, counts) => total + counts[count], 0),
    ]),
  );
  return sum as unknown as Counts;
}

function exampleLine(finding: Finding): string {
  const { kind, type, id, topic, partition, sellRevision } = finding;
  const { kafkaRevision } = finding;
  const place = placeOf(finding);
  const revisions = [
    ...(sellRevision === null ? [] : [`${sellRevision} in Sell`]),
    ...(kafkaRevision === null ? [] : [`${kafkaRevision} in Kafka`]),
  ];
  // A missing record has a place in Kafka only by its deletion.
  const isDeleted = kind === "missing" && topic !== null && partition !== null;
  const details = [
    ...(isDeleted ? [] : [place]),
    ...(revisions.length > 0 ? [`revision ${revisions.join(", ")}`] : []),
  ];
  const words = isDeleted
    ? `in Sell, deleted in Kafka at ${place}`
    : KINDS[kind];
  const behind = details.length > 0 ? ` (${details.join("; ")})` : "";
  return printable(`  ${type} ${id}: ${words}${behind}`);
}

function placeOf({ topic, partition, offset }: Finding): string {
  if (topic === null) return "no topic";
  return partition === null
    ? topic
    : `${topic} partition ${partition} offset ${offset ?? "?"}`;
}
