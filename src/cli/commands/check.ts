import { isFolder } from "../../config/folder/config-folder.ts";
import { checkConnector } from "../../doctor/check-connector.ts";
import { checkFolder } from "./check-folder.ts";
import { print, type Context } from "../context.ts";
import { configOf, loggerOf } from "../drains.ts";
import { Findings } from "../findings.ts";
import type { CommonFlags } from "../options.ts";

/** Looks whether everything that a run needs is there. Publishes nothing, and takes nothing from Sell. */
export async function check(
  flags: CommonFlags,
  context: Context,
): Promise<number> {
  if (await isFolder(flags.config)) return checkFolder(flags, context);
  const config = await configOf(flags, context);
  const findings = new Findings(context, flags.json);
  const logger = loggerOf(flags, config, context, true);
  await checkConnector(
    config,
    flags.config,
    findings.report,
    logger,
    context.stopping,
  );
  if (flags.json)
    await print(context.stdout, `${JSON.stringify(findings.all)}\n`);
  return findings.hasFailed ? 1 : 0;
}
