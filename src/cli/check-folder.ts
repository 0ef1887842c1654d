import { join } from "node:path";
import { ClusterFile } from "../config/cluster-file.ts";
import { ConfigFolder } from "../config/config-folder.ts";
import { ConfigError } from "../config/problem.ts";
import { nextRoster } from "../fleet/roster.ts";
import type { Finding } from "../kafka/topic-findings.ts";
import { trustSystemAuthorities } from "../security/tls-options.ts";
import { checkConnector, type Report } from "./check-connector.ts";
import { print, type Context } from "./context.ts";
import { loggerOf } from "./drains.ts";
import { lineOf } from "./finding-line.ts";
import type { CommonFlags } from "./options.ts";

interface Checked {
  readonly file: string;
  /** Null when the file is not accepted. */
  readonly connector: string | null;
  readonly findings: readonly Finding[];
}

/** Checks each connector of a folder, whatever is wrong with the others, under a heading of its own. */
export async function checkFolder(
  flags: CommonFlags,
  context: Context,
): Promise<number> {
  trustSystemAuthorities();
  const { stdout, env, stopping } = context;
  const folder = new ConfigFolder(flags.config, env);
  await ClusterFile.read(folder.path, env);
  const roster = nextRoster(new Map(), await folder.look());
  if (roster.size === 0)
    throw new ConfigError(folder.path, [
      { path: "", message: "the folder holds no connector's *.json" },
    ]);
  const all: Checked[] = [];
  for (const [file, { accepted, problem }] of roster) {
    const findings: Finding[] = [];
    const report: Report = async (finding) => {
      findings.push(finding);
      if (!flags.json) await print(stdout, lineOf(finding));
    };
    const connector = accepted?.config.name ?? null;
    const heading = connector === null ? file : `${file}: ${connector}`;
    const gap = all.length === 0 ? "" : "\n";
    if (!flags.json) await print(stdout, `${gap}${heading}\n`);
    if (accepted === null)
      await report({
        status: "failed",
        what: "configuration",
        message: problem ?? "is not accepted",
      });
    else {
      const { config } = accepted;
      const path = join(folder.path, file);
      const logger = loggerOf(flags, config, context, true);
      await checkConnector(config, path, report, logger, stopping);
    }
    all.push({ file, connector, findings });
  }
  if (flags.json) await print(stdout, `${JSON.stringify(all)}\n`);
  return all.some(({ findings }) =>
    findings.some(({ status }) => status === "failed"),
  )
    ? 1
    : 0;
}
