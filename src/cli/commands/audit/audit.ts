import type { Command } from "@commander-js/extra-typings";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { numberParser } from "../../parse-number.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";

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
      "--out <file>",
      "write the report with every finding to a new file, as JSON; the file appears once it is whole",
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
        ["with every finding, to file it", "audit --out audit.json"],
        ["for a program", "audit --json"],
      ),
    );

type AuditFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("node:os")),
  ...(await import("../../open-app.ts")),
  ...(await import("../../../app/audit-account.ts")),
  ...(await import("./audit-progress.ts")),
  ...(await import("./report-file.ts")),
  ...(await import("./report-json.ts")),
  ...(await import("./report-text.ts")),
});

/** Proves that Kafka holds what Sell holds. Exit code 0 only when all was compared and nothing differs. */
async function audit(
  flags: AuditFlags,
  context: ProcessContext,
): Promise<number> {
  const lib = await load();
  const { stdout, stderr, env, stopping } = context;
  await using app = await lib.openApp(flags, context, "quiet");
  await using file =
    flags.out === undefined ? null : await lib.ReportFile.create(flags.out);
  const Shown = stderr.isTTY === true ? lib.AuditBar : lib.AuditLines;
  using progress = flags.logLevel === undefined ? new Shown(stderr) : null;
  const { requestsPerSecond } = flags;
  const temporaryFolder = env["TMPDIR"] || lib.tmpdir();
  using audited = await lib.auditAccount(
    app,
    { requestsPerSecond, progress, temporaryFolder },
    stopping,
  );
  progress?.[Symbol.dispose]();
  if (audited.kind === "not audited") {
    const failure = { result: "incomplete", problems: [audited.problem] };
    if (flags.json) await print(stdout, `${JSON.stringify(failure)}\n`);
    return 1;
  }
  const { report } = audited;
  const json = () => lib.reportJson(report, audited.findings());
  const unwritten = (await file?.write(json())) ?? null;
  if (flags.json) for (const part of json()) await print(stdout, part);
  else {
    const { config } = flags;
    const out = unwritten === null ? flags.out : undefined;
    await print(stdout, `${lib.reportText(report, { config, out })}\n`);
  }
  if (unwritten !== null) {
    app.logger.error(unwritten.message);
    return 1;
  }
  const hasLetters =
    report.totals.deadLettered > 0 && flags.allowDeadLetters !== true;
  return report.result === "clean" && !hasLetters ? 0 : 1;
}
