import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs an ES module in a process whose files may not grow beyond a size, and returns what it prints. */
export async function runWithFileLimit(
  kibibytes: number,
  program: string,
): Promise<string> {
  const node = `exec ${process.execPath} --disable-warning=ExperimentalWarning --input-type=module -`;
  const child = spawn("bash", ["-c", `ulimit -f ${kibibytes}; ${node}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(program);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  return output;
}

/** The import specifier of a source file, for a module that has no place of its own. */
export function sourceUrl(file: string): string {
  return new URL(`../../../src/${file}`, import.meta.url).href;
}
