import { join } from "node:path";
import { ClusterFile } from "../../config/folder/cluster-file.ts";
import { ConfigFolder } from "../../config/folder/config-folder.ts";
import { ConfigError } from "../../config/problem.ts";
import { nextAcceptedConfigs } from "../../supervisor/accepted-configs.ts";
import { trustSystemAuthorities } from "../../security/tls-options.ts";
import { checkConnector } from "../../doctor/check-connector.ts";
import { print, type Context } from "../context.ts";
import { loggerOf } from "../drains.ts";
import { Findings } from "../findings.ts";
import type { CommonFlags } from "../options.ts";

/** Checks each connector of a folder, whatever is wrong with the others, under a heading of its own. */
export async function checkFolder(
  flags: CommonFlags,
  context: Context,
): Promise<number> {
  trustSystemAuthorities();
  const { stdout, env, stopping } = context;
  const folder = new ConfigFolder(flags.config, env);
  await ClusterFile.read(folder.path, env);
  const acceptedConfigs = nextAcceptedConfigs(new Map(), await folder.look());
  if (acceptedConfigs.size === 0)
    throw new ConfigError(folder.path, [
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
      await findings.report({
        status: "failed",
        what: "configuration",
        message: inOneLine(problem ?? "is not accepted"),
      });
    else {
      const { config } = accepted;
      const path = join(folder.path, file);
      const logger = loggerOf(flags, config, context, true);
      await checkConnector(config, path, findings.report, logger, stopping);
    }
    checked.push({ file, connector, findings: findings.all });
    hasFailed ||= findings.hasFailed;
  }
  if (flags.json) await print(stdout, `${JSON.stringify(checked)}\n`);
  return hasFailed ? 1 : 0;
}

/** A problem's heading, then what is wrong. */
function inOneLine(problem: string): string {
  const [heading = "", ...lines] = problem.split(/\n */);
  return lines.length === 0 ? heading : `${heading} ${lines.join("; ")}`;
}
