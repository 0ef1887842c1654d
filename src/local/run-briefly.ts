import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { memberOf } from "../lib/foreign-members.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { lastWords } from "./last-words.ts";

const run = promisify(execFile);
const WITHIN_MS = 15_000;

export type Brief =
  | { readonly kind: "ran"; readonly output: string }
  | { readonly kind: "failed"; readonly problem: string };

/** Runs a command that ends within seconds, such as `java -version`. */
export async function runBriefly(
  command: string,
  ...args: readonly string[]
): Promise<Brief> {
  try {
    const { stdout, stderr } = await run(command, args, {
      timeout: WITHIN_MS,
      killSignal: "SIGKILL",
    });
    return { kind: "ran", output: stdout + stderr };
  } catch (error) {
    return { kind: "failed", problem: problemOf(error, command, args) };
  }
}

function problemOf(
  error: unknown,
  command: string,
  args: readonly string[],
): string {
  const words = [command, ...args].join(" ");
  if (memberOf(error, "code") === "ENOENT")
    return `there is no ${command} on the PATH`;
  if (memberOf(error, "killed") === true)
    return `${words} takes longer than ${WITHIN_MS / 1_000} s`;
  const said = memberOf(error, "stderr");
  const reason =
    typeof said === "string" && said.trim() !== "" ? said : reasonOf(error);
  return `${words} fails: ${lastWords(reason)}`;
}
