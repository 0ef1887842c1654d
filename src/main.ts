#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Nothing but Node.js itself is imported before the version is known: the rest may not even parse on an older Node.js.
const NEEDED = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `sell-kafka needs Node.js ${NEEDED.join(".")} or newer, but this is ${process.versions.node}\n`,
  );
  process.exitCode = 2;
} else {
  process.title = "sell-kafka";
  process.exitCode = await start();
}

async function start(): Promise<number> {
  keepHeapSmall();

  const stopping = new AbortController();
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(exitCodes[signal]);
      stopping.abort(new Error(`stopped by ${signal}`));
    });

  // Whoever read the output has gone: there is nobody left to tell.
  const onPipeError = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(1);
    throw error;
  };
  process.stdout.on("error", onPipeError);
  process.stderr.on("error", onPipeError);

  // kafkajs sets timers a moment in the past; Node.js runs them at once, as it should.
  // SQLite's module is called experimental; what an audit uses of it has not changed since 22.13.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    const isExpected =
      warning.name === "TimeoutNegativeWarning" ||
      (warning.name === "ExperimentalWarning" &&
        /SQLite/.test(warning.message));
    if (!isExpected)
      process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });

  const { main } = await import("./cli/program.ts");
  const exitCode = await main({
    args: process.argv.slice(2),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    stopping: stopping.signal,
    outliveErrors: (told) => {
      process.removeAllListeners("uncaughtException");
      process.on("uncaughtException", told);
      process.on("unhandledRejection", told);
    },
  });
  // A socket that a library forgot must not keep a finished command alive.
  setTimeout(() => process.exit(exitCode), 2_000).unref();
  return exitCode;
}

/**
 * V8 spends memory to save time, and Sell's rate leaves time enough. Draining a million records as
 * fast as they could be read took 115 MB more with a young generation that grows, and saved
 * nothing; garbage that was let grow to four times what is in use took 50 MB more, and saved a tenth of the CPU.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=100");
}

export {};
