import type { AuditReport, Counts } from "../audit/report.ts";
import { printable } from "../security/printable.ts";
import { tableLines } from "./table.ts";

const results: Readonly<Record<AuditReport["result"], string>> = {
  clean: "Kafka holds what Sell holds",
  differences: "Kafka does not hold what Sell holds",
  undecided: "some records went on changing, and could not be compared",
  incomplete:
    "incomplete: Sell did not hand out everything, so nothing is known of what it did not",
};

const columns: readonly [name: string, count: keyof Counts][] = [
  ["IN SELL", "inSell"],
  ["IN KAFKA", "inKafka"],
  ["SAME", "agreed"],
  ["MISSING", "missing"],
  ["DIFFERENT", "different"],
  ["GONE", "gone"],
  ["DEAD LETTER", "deadLettered"],
  ["UNDECIDED", "undecided"],
  ["NOT SEEN", "unjudged"],
];

const kinds = {
  missing: "in Sell, not in Kafka",
  different: "different in Kafka",
  gone: "in Kafka, gone from Sell",
  deadLettered: "a dead letter",
  undecided: "undecided",
};

/** The report of an audit for people: counts by type, then the first findings of each kind. */
export function reportText(
  report: AuditReport & {
    readonly requests: number;
    readonly durationMs: number;
  },
): string {
  const rows = Object.entries({ ...report.types, all: report.totals }).map(
    ([type, counts]) => [
      type,
      ...columns.map(([, count]) => String(counts[count])),
    ],
  );
  const table = [["TYPE", ...columns.map(([name]) => name)], ...rows];
  const lines = tableLines(table, (cell, width, column) =>
    column === 0 ? cell.padEnd(width) : cell.padStart(width),
  );
  const examples = report.examples.map((finding) => {
    const { kind, type, id, topic, partition, offset } = finding;
    const where =
      topic === null
        ? "no topic"
        : partition === null
          ? topic
          : `${topic} partition ${partition} offset ${offset ?? "?"}`;
    const revisions = `revision ${finding.sellRevision ?? "-"} in Sell, ${finding.kafkaRevision ?? "-"} in Kafka`;
    return printable(
      `  ${type} ${id}: ${kinds[kind]} (${where}; ${revisions})`,
    );
  });
  return [
    ...lines,
    ...(examples.length > 0 ? ["", "for example:", ...examples] : []),
    ...report.problems.map((problem) => printable(`! ${problem}`)),
    "",
    `${results[report.result]} (${report.sessions} sessions, ${report.requests} requests, ${(report.durationMs / 1_000).toFixed(1)} s)`,
  ].join("\n");
}
