// A process of its own, between this program and a server that it starts. Its standard input is a
// pipe from the program: when that ends, however the program ended, the server is ended too.
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";

const KILL_AFTER_MS = 5_000;

interface Order {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Removed at the end. */
  readonly folder: string;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const log = openSync(order.logFile, "a");
const server = spawn(order.command, order.args, {
  stdio: ["ignore", log, log],
  env: { ...process.env, ...order.env },
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
// A Ctrl-C reaches the whole terminal; when to end is the program's to say.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", end);
process.on("SIGHUP", end);
// Node.js would open a debugger.
process.on("SIGUSR1", () => undefined);
process.on("SIGUSR2", () => server.kill("SIGKILL"));

function end(): void {
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), KILL_AFTER_MS).unref();
}

function finish(code: number): void {
  rmSync(order.folder, { recursive: true, force: true });
  process.exit(code);
}
