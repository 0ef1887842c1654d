#!/usr/bin/env node
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Only Node.js itself is imported before its version is known: an older one may not parse the rest.
const NEEDED = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `sell-kafka needs Node.js ${NEEDED.join(".")} or newer, but this is ${process.versions.node}${newerNode()}\n`,
  );
  process.exitCode = 2;
} else {
  process.title = "sell-kafka";
  process.exitCode = await start();
}

/** Names the Node.js that a clone of the repository has installed; empty elsewhere. */
function newerNode(): string {
  const path = fileURLToPath(
    new URL("../node_modules/.bin/node", import.meta.url),
  );
  return existsSync(path) ? `; use the one of this clone, ${path}` : "";
}

async function start(): Promise<number> {
  await keepCompiled();
  const { keepHeapSmall } = await import("./lib/process/heap.ts");
  keepHeapSmall();
  if (isConnector()) await saveMemoryUntilBusy();

  // Without a listener, Node.js opens a debugger to everybody on this machine.
  process.on("SIGUSR1", () => undefined);
  const { reportCrash, reportFatalError, reportWarning } =
    await import("./cli/fatal-errors.ts");
  const { stdout, stderr, env } = process;
  let onUncaught = (error: unknown): void => {
    reportCrash(error, { stderr, env });
    process.exit(1);
  };
  // Node.js reports unhandled rejections here too.
  process.on("uncaughtException", (error) => {
    onUncaught(error);
  });

  const stopping = new AbortController();
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(exitCodes[signal]);
      stopping.abort(new Error(`stopped by ${signal}`));
    });

  stdout.on("error", (cause: NodeJS.ErrnoException) => {
    // Whoever closed the pipe wants no more of it, as `head` does.
    if (cause.code !== "EPIPE")
      reportFatalError(
        new Error("standard output can't be written", { cause }),
        {
          stderr,
          env,
        },
      );
    process.exit(1);
  });
  // No other output is left for an error.
  stderr.on("error", () => process.exit(1));

  // kafkajs sets timers a moment in the past; Node.js runs them at once, as it should.
  // SQLite's module is called experimental; what an audit uses of it has not changed since 22.13.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    const isExpected =
      warning.name === "TimeoutNegativeWarning" ||
      (warning.name === "ExperimentalWarning" &&
        /SQLite/.test(warning.message));
    if (!isExpected) reportWarning(warning, { stderr, env });
  });

  const { main } = await import("./cli/program.ts");
  const { commandOf } = await import("./cli/command-of.ts");
  const exitCode = await main({
    command: commandOf(process),
    args: process.argv.slice(2),
    env,
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    stopping: stopping.signal,
    outliveErrors: (told) => {
      onUncaught = told;
    },
  });
  // A socket that a library left open must not keep a finished command alive.
  setTimeout(() => process.exit(exitCode), 300).unref();
  return exitCode;
}

/** Whether the command moves changes: it may be idle for months. */
function isConnector(): boolean {
  return ["run", "sync"].includes(process.argv[2] ?? "");
}

/** Until a connector has work, it takes no memory for speed. */
async function saveMemoryUntilBusy(): Promise<void> {
  const { growYoungGeneration } = await import("./lib/process/heap.ts");
  const compilers = await import("./lib/process/compilers.ts");
  const { onceBusy } = await import("./lib/process/busy.ts");
  compilers.optimizeNothing();
  onceBusy(() => {
    compilers.optimizeHotCode();
    growYoungGeneration();
  });
}

/**
 * Keeps the compiled code of the program in the user's folder for caches: a third of the time of a
 * short command is compilation. `run` has the time, and would hold the code twice.
 */
async function keepCompiled(): Promise<void> {
  const { argv, env } = process;
  if (argv[2] === "run") return;
  const { cacheFolder } = await import("./lib/process/cache-folder.ts");
  try {
    enableCompileCache(join(cacheFolder(env), "compiled"));
  } catch {
    // Without a home there is no such folder.
  }
}

export {};
