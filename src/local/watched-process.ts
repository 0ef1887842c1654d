import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { reasonOf } from "../lib/reason-of.ts";

export interface Server {
  readonly name: string;
  readonly command: string;
  /** Made once the server's own folder exists; it is removed when the server ends. */
  readonly args: (folder: string) => Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves when it serves; rejects as long as it does not. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

const START_WITHIN_MS = 90_000;
const PROBE_EVERY_MS = 150;

// The same file in `src` and, compiled, in `dist`.
const watcherFile = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "./watcher.ts" : "./watcher.js",
    import.meta.url,
  ),
);

/** A server on this machine that never outlives this process, not even when it is killed. */
export class WatchedProcess implements AsyncDisposable {
  readonly #watcher: ChildProcess;
  readonly #logFile: string;

  private constructor(watcher: ChildProcess, logFile: string) {
    this.#watcher = watcher;
    this.#logFile = logFile;
  }

  /** Resolves once the server answers. Rejects with what it logged when it does not. */
  static async start(server: Server): Promise<WatchedProcess> {
    const folder = await mkdtemp(join(tmpdir(), `sell-kafka-${server.name}-`));
    const logFile = join(folder, "server.log");
    const order = JSON.stringify({
      command: server.command,
      args: await server.args(folder),
      env: server.env ?? {},
      logFile,
      folder,
    });
    const watcher = spawn(execPath, [watcherFile, order], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    watcher.unref();
    const started = new WatchedProcess(watcher, logFile);
    try {
      await started.#untilServing(server);
    } catch (error) {
      const log = await started.#log();
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
    if (this.#watcher.exitCode !== null) return;
    const gone = once(this.#watcher, "exit");
    this.#watcher.ref();
    this.#watcher.stdin?.end();
    await gone;
  }

  /** Ends the server as a crash would, and waits until it is gone. */
  async crash(): Promise<void> {
    if (this.#watcher.exitCode !== null) return;
    const gone = once(this.#watcher, "exit");
    this.#watcher.ref();
    this.#watcher.kill("SIGUSR2");
    await gone;
  }

  async #untilServing({ probe }: Server): Promise<void> {
    const signal = AbortSignal.timeout(START_WITHIN_MS);
    for (;;) {
      if (this.#watcher.exitCode !== null) throw new Error("it ended at once");
      try {
        await probe(signal);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await delay(PROBE_EVERY_MS);
      }
    }
  }

  async #log(): Promise<string> {
    const text = await readFile(this.#logFile, "utf8").catch(() => "");
    const lines = text.trimEnd().split("\n").slice(-15);
    return text === "" ? "" : `\n  ${lines.join("\n  ")}`;
  }
}
