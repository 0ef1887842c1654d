import { join } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { ConfigError } from "../../config/problem.ts";
import type { Finding } from "../../doctor/finding.ts";
import { examples } from "../examples.ts";
import { Findings } from "../output/findings.ts";
import { folderWords, withConfig, type FlagsOf } from "../options.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition, Failed } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("check")).action((flags) =>
    execute(() => check(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command.description(
      "look whether Sell, Kafka, topics and registry are as a run needs them; of each connector when --config is a folder; changes nothing",
    ),
    folderWords,
  ).addHelpText(
    "after",
    examples(
      ["check ./connector.config.json", "check"],
      ["check every connector of a folder", "check --config connectors/"],
      ["for a program", "check --json"],
    ),
  );

/** Findings, as after a check that began: of the folder when there is one, else of the file. */
export const failed: Failed = async (problems, { config }, error) => {
  const { isFolder } = await import("../../config/folder/config-folder.ts");
  const what = error instanceof ConfigError ? "configuration" : "check";
  const findings = problems.map((message): Finding => ({
    status: "failed",
    what,
    message,
  }));
  return (await isFolder(String(config)))
    ? [{ file: null, connector: null, findings }]
    : findings;
};

type CheckFlags = Pick<FlagsOf<typeof withOptions>, "config"> &
  Partial<FlagsOf<typeof withOptions>>;

/** Checks that everything a run needs is there. Publishes nothing, and takes nothing from Sell. */
export async function check(
  flags: CheckFlags,
  context: ProcessContext,
): Promise<number> {
  const { isFolder } = await import("../../config/folder/config-folder.ts");
  return (await isFolder(flags.config))
    ? checkFolder(flags, context)
    : checkFile(flags, context);
}

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../doctor/check-connector.ts")),
  ...(await import("../../app/context/app-context.ts")),
});

async function checkFile(
  flags: CheckFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, checkConnector } = await load();
  await using app = await openApp(flags, context, "quiet");
  const findings = new Findings(context, flags.json);
  await checkConnector(app, flags.config, findings.report, context.stopping);
  if (flags.json)
    await print(context.stdout, `${JSON.stringify(findings.all)}\n`);
  return findings.hasFailed ? 1 : 0;
}

/** Checks each connector of a folder under a heading of its own, whatever is wrong with the others. */
async function checkFolder(
  flags: CheckFlags,
  context: ProcessContext,
): Promise<number> {
  const { readFolder, createAppLogger, AppContext, checkConnector } =
    await load();
  const { stdout, stopping } = context;
  const acceptedConfigs = await readFolder(flags.config, context);
  if (acceptedConfigs.size === 0)
    throw new ConfigError(flags.config, [
      { path: "", message: "the folder holds no connector's *.json" },
    ]);
  const checked: object[] = [];
  let hasFailed = false;
  for (const [file, { accepted, problem }] of acceptedConfigs) {
    const findings = new Findings(context, flags.json);
    // Null when the file is not accepted.
    const connector = accepted?.config.name ?? null;
    const heading = connector === null ? file : `${file}: ${connector}`;
    const gap = checked.length === 0 ? "" : "\n";
    if (!flags.json) await print(stdout, `${gap}${heading}\n`);
    if (accepted === null)
      for (const message of messagesOf(problem ?? "is not accepted"))
        await findings.report({
          status: "failed",
          what: "configuration",
          message,
        });
    else {
      const { config } = accepted;
      const logger = createAppLogger(flags, config, context, "quiet");
      await using app = AppContext.fromConfig(config, { logger });
      const path = join(flags.config, file);
      await checkConnector(app, path, findings.report, stopping);
    }
    checked.push({ file, connector, findings: findings.all });
    hasFailed ||= findings.hasFailed;
  }
  if (flags.json) await print(stdout, `${JSON.stringify(checked)}\n`);
  return hasFailed ? 1 : 0;
}

/** The things that are wrong with a file, without the line above them, which names the file. */
function messagesOf(problem: string): string[] {
  const [heading = "", ...lines] = problem.split(/\n */);
  return lines.length === 0 ? [heading] : lines;
}
