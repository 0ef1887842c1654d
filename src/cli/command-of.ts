import { basename, delimiter, dirname } from "node:path";

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
    return `${quoted(execPath)} ${quoted(script)}`;
  const folder = dirname(script);
  const isOnPath = (env["PATH"] ?? "").split(delimiter).includes(folder);
  return isOnPath && basename(folder) !== ".bin"
    ? "sell-kafka"
    : quoted(script);
}

/** Returns a word that a shell leaves as it is. */
export function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
