// Owns a folder, and the processes and containers that the program starts. Its standard input is a
// pipe from the program: when the pipe ends, however the program ended, the reaper ends all of them.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  LOG_FILE,
  type Command,
  type OwnedContainer,
  type ReaperOrder,
  type ReaperReport,
} from "./messages.ts";

const KILL_AFTER_MS = 5_000;
/** An engine that does not answer must not keep the reaper alive. */
const REMOVE_CONTAINERS_WITHIN_MS = 15_000;

const containers: OwnedContainer[] = [];
let running: ChildProcess | null = null;
let hasEnded = false;

// A program that has gone reads no more reports.
process.stdout.on("error", () => undefined);
const folder = createFolder(process.argv[2] ?? "");
const log = openSync(join(folder, LOG_FILE), "a");
report({ kind: "ready", folder });

const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  carryOut(JSON.parse(line) as ReaperOrder);
});
orders.on("close", end);
process.stdin.on("error", end);
// A Ctrl-C reaches every process of the terminal, but only the program decides when its servers end.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", end);
process.on("SIGHUP", end);
// Without a listener, Node.js opens a debugger.
process.on("SIGUSR1", () => undefined);

function createFolder(prefix: string): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    report({ kind: "failed", error: String(error) });
    process.exit(1);
  }
}

function report(message: ReaperReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function carryOut(order: ReaperOrder): void {
  if (order.kind === "run") run(order.command);
  else if (order.kind === "kill") signal("SIGKILL");
  else containers.push(order.container);
}

function run({ command, args, env = {} }: Command): void {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
    // A group of its own, so that a start script ends together with what it started.
    detached: true,
  });
  running = child;
  child.on("error", (error) => {
    running = null;
    report({ kind: "exited", exit: { code: null, error: error.message } });
  });
  child.on("exit", (code) => {
    signal("SIGKILL");
    running = null;
    report({ kind: "exited", exit: { code, error: null } });
  });
}

/** Sends a signal to the running process and to those that it started. */
function signal(name: "SIGTERM" | "SIGKILL"): void {
  if (running?.pid === undefined) return;
  try {
    process.kill(-running.pid, name);
  } catch {
    // All of them have ended.
  }
}

function end(): void {
  if (hasEnded) return;
  hasEnded = true;
  void Promise.all([endProcess(), removeContainers()]).then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}

async function endProcess(): Promise<void> {
  if (running === null) return;
  const child = running;
  await new Promise((resolve) => {
    child.on("exit", resolve);
    child.on("error", resolve);
    signal("SIGTERM");
    setTimeout(() => {
      signal("SIGKILL");
    }, KILL_AFTER_MS);
  });
}

async function removeContainers(): Promise<void> {
  if (containers.length === 0) return;
  const { removeContainer } = await import("../engine/remove-container.ts");
  const late = AbortSignal.timeout(REMOVE_CONTAINERS_WITHIN_MS);
  const removed = Promise.all(
    containers.map(({ engine, name }) => removeContainer(engine, name, late)),
  );
  const gaveUp = new Promise((resolve) => {
    late.addEventListener("abort", resolve);
  });
  await Promise.race([removed, gaveUp]).catch(() => undefined);
}
