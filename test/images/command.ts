import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface Ended {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
  readonly stdout: string;
}

/** Runs a command to its end. A command that does not exist, or takes too long, has no exit code. */
export async function run(
  [command = "", ...args]: readonly string[],
  { env = process.env, input = "", timeoutMs = 600_000 }: CommandOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    env,
    stdio: ["pipe", "pipe", "pipe"],
    // The timer of spawn's own timeout goes on, and keeps this process, when the command does not exist.
    signal: AbortSignal.timeout(timeoutMs),
    killSignal: "SIGKILL",
  });
  let [output, stdout] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  // A command that reads no input may end before it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", () => {
      resolve(null);
    });
    child.on("close", resolve);
  });
  return { code, output, stdout };
}

/** Runs a command that has to succeed; resolves to its standard output. */
export async function must(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, output, stdout } = await run(command, options);
  if (code === 0) return stdout.trim();
  const last = output.trim().split("\n").slice(-12).join("\n");
  throw new Error(
    `${command.join(" ")} ended with ${code ?? "no exit code"}:\n${last}`,
  );
}
