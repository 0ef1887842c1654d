// The process between this program and a server that the program starts. Its standard input is a
// pipe from the program: when the pipe ends, however the program ended, the reaper ends the server.
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";

const KILL_AFTER_MS = 5_000;

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The reaper removes this folder at the end. */
  readonly folder: string;
}

const command = JSON.parse(process.argv[2] ?? "") as Command;
const log = openSync(command.logFile, "a");
const server = spawn(command.command, command.args, {
  stdio: ["ignore", log, log],
  env: { ...process.env, ...command.env },
});

server.on("error", () => {
  finish(1);
});
server.on("exit", (code) => {
  finish(code ?? 1);
});

process.stdin.resume();
process.stdin.on("end", end);
process.stdin.on("error", end);
// A Ctrl-C reaches every process of the terminal, but only the program decides when the server ends.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", end);
process.on("SIGHUP", end);
// Without a listener, Node.js opens a debugger.
process.on("SIGUSR1", () => undefined);
process.on("SIGUSR2", () => server.kill("SIGKILL"));

function end(): void {
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), KILL_AFTER_MS).unref();
}

function finish(code: number): void {
  rmSync(command.folder, { recursive: true, force: true });
  process.exit(code);
}
