import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface Exit {
  /** Null when a signal that was not handled ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command in a process of its own; killed at the end of the test if it still runs. */
export class ChildProgram implements AsyncDisposable {
  readonly ended: Promise<Exit>;
  stdout = "";
  stderr = "";
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #said = Promise.withResolvers<undefined>();

  constructor(
    command: string,
    args: readonly string[],
    { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
  ) {
    this.#process = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    this.#process.stdout.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString("utf8");
      this.#tell();
    });
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString("utf8");
      this.#tell();
    });
    this.ended = once(this.#process, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Closes the reading end of standard output, as `head` does. */
  closeStdout(): void {
    this.#process.stdout.destroy();
  }

  /** Waits until the output holds these words; rejects when the program ends without them. */
  async says(words: string): Promise<void> {
    const output = () => this.stdout + this.stderr;
    const exit = { came: false };
    void this.ended.then(() => (exit.came = true));
    while (!output().includes(words)) {
      if (exit.came)
        throw new Error(`it ended without "${words}":\n${output()}`);
      await Promise.race([this.#said.promise, this.ended]);
    }
  }

  #tell(): void {
    this.#said.resolve(undefined);
    this.#said = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }
}

const builtCommand = join(import.meta.dirname, "../../../dist/main.js");

/** The built command. */
export class Program extends ChildProgram {
  constructor(
    args: readonly string[],
    {
      env = {},
      nodeArgs = [],
    }: { env?: Record<string, string>; nodeArgs?: readonly string[] } = {},
  ) {
    super(process.execPath, [...nodeArgs, builtCommand, ...args], { env });
  }
}
