import type { Command } from "@commander-js/extra-typings";
import type { AccountReport } from "../../app/audit-account.ts";
import type { Counts } from "../../audit/report.ts";
import { printable } from "../../security/printable.ts";
import { examples } from "../examples.ts";
import { withConfig, type FlagsOf } from "../options.ts";
import { numberParser } from "../parse-number.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("audit")).action((flags) =>
    execute(() => audit(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command.description(
      "compare what Kafka holds with what Sell holds, record by record; changes nothing",
    ),
  )
    .option(
      "--requests-per-second <n>",
      "ceiling for requests to Sell; a quarter of sell.requestsPerSecond without it, as a connector may run beside it",
      numberParser({ above: 0, most: 1_000_000 }),
    )
    .option(
      "--allow-dead-letters",
      "end with 0 also when records are missing that are dead letters",
    )
    .addHelpText(
      "after",
      examples(
        ["compare all records, beside a connector that runs", "audit"],
        ["faster, while no connector runs", "audit --requests-per-second 10"],
        ["for a program", "audit --json > audit.json"],
      ),
    );

type AuditFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../app/audit-account.ts")),
  ...(await import("../../observe/terminal/progress-bars.ts")),
});

/** Proves that Kafka holds what Sell holds. Exit code 0 only when all was compared and nothing differs. */
async function audit(
  flags: AuditFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, auditAccount, AuditBar } = await load();
  const { stdout, stderr, stopping } = context;
  await using app = await openApp(flags, context, "quiet");
  const showsBar = stderr.isTTY === true && flags.logLevel === undefined;
  using bar = showsBar ? new AuditBar(stderr) : null;
  const { requestsPerSecond } = flags;
  const report = await auditAccount(app, { requestsPerSecond, bar }, stopping);
  if (report === null) return 1;
  bar?.[Symbol.dispose]();
  const text = flags.json ? JSON.stringify(report) : await reportText(report);
  await print(stdout, `${text}\n`);
  const hasLetters =
    report.totals.deadLettered > 0 && flags.allowDeadLetters !== true;
  return report.result === "clean" && !hasLetters ? 0 : 1;
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
  ["NOT SEEN", "unjudged"],
];

const KINDS = {
  missing: "in Sell, not in Kafka",
  different: "different in Kafka",
  gone: "in Kafka, gone from Sell",
  deadLettered: "a dead letter",
  undecided: "undecided",
};

/** The report of an audit for people: counts by type, then the first findings of each kind. */
async function reportText(report: AccountReport): Promise<string> {
  const { tableLines } = await import("../table.ts");
  const rows = Object.entries({ ...report.types, all: report.totals }).map(
    ([type, counts]) => [
      type,
      ...COLUMNS.map(([, count]) => String(counts[count])),
    ],
  );
  const table = [["TYPE", ...COLUMNS.map(([name]) => name)], ...rows];
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
      `  ${type} ${id}: ${KINDS[kind]} (${where}; ${revisions})`,
    );
  });
  return [
    ...lines,
    ...(examples.length > 0 ? ["", "for example:", ...examples] : []),
    ...report.problems.map((problem) => printable(`! ${problem}`)),
    "",
    `${RESULTS[report.result]} (${report.sessions} sessions, ${report.requests} requests, ${(report.durationMs / 1_000).toFixed(1)} s)`,
  ].join("\n");
}
