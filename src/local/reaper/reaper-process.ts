import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { programFolder } from "../../program-folder.ts";
import {
  LOG_FILE,
  type Command,
  type Exit,
  type OwnedContainer,
  type ReaperOrder,
  type ReaperReport,
} from "./messages.ts";

const isBuilt = import.meta.url.endsWith(".js");
const reaperFile = fileURLToPath(
  new URL(isBuilt ? "reaper.js" : "local/reaper/reaper.ts", programFolder),
);

/**
 * The process that owns a new folder, and what is started with it. It ends all of it when this
 * object is disposed of, and when this process ends, even by SIGKILL.
 */
export class ReaperProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #child: ChildProcess;
  #exited = Promise.withResolvers<Exit>();

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.folder = folder;
  }

  /** Starts a reaper with a folder whose path begins with the prefix. */
  static async start(prefix: string): Promise<ReaperProcess> {
    const child = spawn(execPath, [reaperFile, prefix], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    const reports = createInterface({ input: child.stdout });
    const ended = once(child, "close").then((): [string] => {
      throw new Error("the process that cleans up ended at once");
    });
    ended.catch(() => undefined);
    const [line] = (await Promise.race([once(reports, "line"), ended])) as [
      string,
    ];
    const first = JSON.parse(line) as ReaperReport;
    if (first.kind !== "ready")
      throw new Error(
        first.kind === "failed" ? first.error : "it is not ready",
      );
    const reaper = new ReaperProcess(child, first.folder);
    reports.on("line", (text) => {
      const message = JSON.parse(text) as ReaperReport;
      if (message.kind === "exited") reaper.#exited.resolve(message.exit);
    });
    child.on("exit", () => {
      reaper.#exited.resolve({ code: null, error: "its reaper has ended" });
    });
    // A program that has nothing else to do may end.
    child.unref();
    if (child.stdout instanceof Socket) child.stdout.unref();
    return reaper;
  }

  /** Runs a process, of which there is one at a time; resolves once it has ended. */
  async run(command: Command): Promise<Exit> {
    this.#exited = Promise.withResolvers();
    this.#order({ kind: "run", command });
    return this.#exited.promise;
  }

  /** Kills the running process as a crash would. */
  kill(): void {
    this.#order({ kind: "kill" });
  }

  /** From now on, the container is removed at the end, if there is one. */
  ownContainer(container: OwnedContainer): void {
    this.#order({ kind: "own-container", container });
  }

  /** The output of the processes so far. */
  async log(): Promise<string> {
    return readFile(join(this.folder, LOG_FILE), "utf8").catch(() => "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    const gone = once(this.#child, "exit");
    this.#child.ref();
    this.#child.stdin?.end();
    await gone;
  }

  #order(order: ReaperOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
