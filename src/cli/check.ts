import { isFolder } from "../config/config-folder.ts";
import type { Finding } from "../kafka/topic-findings.ts";
import { checkConnector, type Report } from "./check-connector.ts";
import { checkFolder } from "./check-folder.ts";
import { print, type Context } from "./context.ts";
import { configOf, loggerOf } from "./drains.ts";
import { lineOf } from "./finding-line.ts";
import type { CommonFlags } from "./options.ts";

/** Looks whether everything that a run needs is there. Publishes nothing, and takes nothing from Sell. */
export async function check(
  flags: CommonFlags,
  context: Context,
): Promise<number> {
  if (await isFolder(flags.config)) return checkFolder(flags, context);
  const config = await configOf(flags, context);
  const findings: Finding[] = [];
  const report: Report = async (finding) => {
    findings.push(finding);
    if (!flags.json) await print(context.stdout, lineOf(finding));
  };
  const logger = loggerOf(flags, config, context, true);
  const { stopping } = context;
  await checkConnector(config, flags.config, report, logger, stopping);
  if (flags.json) await print(context.stdout, `${JSON.stringify(findings)}\n`);
  return findings.some(({ status }) => status === "failed") ? 1 : 0;
}
