import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem, type } from "node:os";
import { tableText, type Table } from "./table.ts";

const file = new URL("../../docs/benchmarks.md", import.meta.url);
const START = "<!-- measured -->";
const END = "<!-- /measured -->";
/** Before each profile's figures stands its name. */
const NAME = /^<!-- (\w+) -->$/m;

/**
 * Puts the figures of this run, by profile, into docs/benchmarks.md in place of those before; those
 * of other profiles stay. `order` is that of all profiles.
 */
export async function writeDocument(
  measured: ReadonlyMap<string, Table>,
  order: readonly string[],
): Promise<void> {
  const text = await readFile(file, "utf8");
  const [before = "", rest = ""] = text.split(START);
  const [kept = "", after = ""] = rest.split(END);
  const sections = sectionsIn(kept);
  for (const [name, table] of measured)
    sections.set(name, `${tableText(table)}\n\n${circumstances()}`);
  const parts = order.flatMap((name) => {
    const section = sections.get(name);
    return section === undefined ? [] : [`<!-- ${name} -->`, section];
  });
  const all = [START, ...parts, END].join("\n\n");
  await writeFile(file, `${before}${all}${after}`);
}

function sectionsIn(text: string): Map<string, string> {
  const [, ...parts] = text.split(NAME);
  const sections = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2)
    sections.set(parts[at] ?? "", (parts[at + 1] ?? "").trim());
  return sections;
}

function circumstances(): string {
  const [cpu] = cpus();
  const commit = git("rev-parse", "--short", "HEAD");
  const isChanged = git("status", "--porcelain", "--", "src") !== "";
  const day = new Date().toISOString().slice(0, 10);
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const command = ["npm run bench", ...argsOf()].join(" ");
  return `Measured on ${day} at commit ${commit}${isChanged ? ", with changes" : ""}, by \`${command}\`, on ${cpus().length} cores (${cpu?.model.trim() ?? ""}) with ${memory} GiB, ${type()}, Node.js ${process.versions.node}.`;
}

function argsOf(): string[] {
  const args = process.argv.slice(2);
  return args.length > 0 ? ["--", ...args] : [];
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}
