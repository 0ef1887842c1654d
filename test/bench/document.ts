import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem, type } from "node:os";
import { tableText, type Table } from "./table.ts";

const file = new URL("../../docs/benchmarks.md", import.meta.url);
const START = "<!-- measured -->";
const END = "<!-- /measured -->";

/** Puts the figures of this run into docs/benchmarks.md, in place of those before. */
export async function writeDocument(tables: readonly Table[]): Promise<void> {
  const text = await readFile(file, "utf8");
  const [before = ""] = text.split(START);
  const [, after = ""] = text.split(END);
  const measured = [circumstances(), ...tables.map(tableText)].join("\n\n");
  await writeFile(file, `${before}${START}\n\n${measured}\n\n${END}${after}`);
}

function circumstances(): string {
  const [cpu] = cpus();
  const commit = git("rev-parse", "--short", "HEAD");
  const isChanged = git("status", "--porcelain", "--", "src") !== "";
  const day = new Date().toISOString().slice(0, 10);
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const command = ["npm run bench", ...argsOf()].join(" ");
  return [
    `Measured on ${day} at commit ${commit}${isChanged ? ", with changes" : ""}, by \`${command}\`, on ${cpus().length} cores (${cpu?.model.trim() ?? ""}) with ${memory} GiB, ${type()}, Node.js ${process.versions.node}, Apache Kafka and all contenders on the same machine.`,
  ].join("\n");
}

function argsOf(): string[] {
  const args = process.argv.slice(2);
  return args.length > 0 ? ["--", ...args] : [];
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}
