import { basename, delimiter, dirname } from "node:path";
import { shellWord } from "../lib/text/shell-word.ts";

/**
 * Returns the words that start this program again in another shell: its name when the PATH leads to
 * it, else the paths of what runs it. npm puts `node_modules/.bin` on the PATH of one process alone.
 */
export function commandOf({
  execPath,
  argv: [, script = ""],
  env,
}: Pick<NodeJS.Process, "execPath" | "argv" | "env">): string {
  if (basename(script) !== "sell-kafka")
    return `${shellWord(execPath)} ${shellWord(script)}`;
  const folder = dirname(script);
  const isOnPath = (env["PATH"] ?? "").split(delimiter).includes(folder);
  return isOnPath && basename(folder) !== ".bin"
    ? "sell-kafka"
    : shellWord(script);
}
