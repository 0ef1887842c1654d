import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { reasonOf } from "../lib/reason-of.ts";

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  /** Returns the arguments, once the server's own folder exists; the reaper removes the folder at the end. */
  readonly args: (folder: string) => Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves when the server serves requests; rejects while it does not. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

const START_WITHIN_MS = 90_000;
const PROBE_EVERY_MS = 150;

// The reaper lies beside this file, in `src` and, compiled, in `dist`.
const reaperFile = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "./reaper.ts" : "./reaper.js",
    import.meta.url,
  ),
);

/** A server on this machine. Its reaper ends it when this process ends, even by SIGKILL. */
export class ServerProcess implements AsyncDisposable {
  readonly #reaper: ChildProcess;
  readonly #logFile: string;

  private constructor(reaper: ChildProcess, logFile: string) {
    this.#reaper = reaper;
    this.#logFile = logFile;
  }

  /** Resolves once the server serves requests. Rejects with the end of its log when it does not start. */
  static async start(server: ServerCommand): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), `sell-kafka-${server.name}-`));
    const logFile = join(folder, "server.log");
    const command = JSON.stringify({
      command: server.command,
      args: await server.args(folder),
      env: server.env ?? {},
      logFile,
      folder,
    });
    const reaper = spawn(execPath, [reaperFile, command], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    reaper.unref();
    const started = new ServerProcess(reaper, logFile);
    try {
      await started.#untilServing(server);
    } catch (error) {
      const log = await started.#readLog();
      await started[Symbol.asyncDispose]();
      throw new Error(
        `${server.name} did not start: ${reasonOf(error)}${log}`,
        { cause: error },
      );
    }
    return started;
  }

  /** Ends the server and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#reaper.exitCode !== null) return;
    const gone = once(this.#reaper, "exit");
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    await gone;
  }

  /** Kills the server as a crash would, and waits until it is gone. */
  async crash(): Promise<void> {
    if (this.#reaper.exitCode !== null) return;
    const gone = once(this.#reaper, "exit");
    this.#reaper.ref();
    this.#reaper.kill("SIGUSR2");
    await gone;
  }

  async #untilServing({ probe }: ServerCommand): Promise<void> {
    const signal = AbortSignal.timeout(START_WITHIN_MS);
    for (;;) {
      if (this.#reaper.exitCode !== null) throw new Error("it ended at once");
      try {
        await probe(signal);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await delay(PROBE_EVERY_MS);
      }
    }
  }

  async #readLog(): Promise<string> {
    const text = await readFile(this.#logFile, "utf8").catch(() => "");
    const lines = text.trimEnd().split("\n").slice(-15);
    return text === "" ? "" : `\n  ${lines.join("\n  ")}`;
  }
}
