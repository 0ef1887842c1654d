// The image's HEALTHCHECK runs this file. Exit code 0: sell-kafka runs, and each address at which
// it listens answers HTTP. Without such an address, sell-kafka is healthy while it runs.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { get } from "node:http";
import { endianness } from "node:os";

const ANSWERS_WITHIN_MS = 4_000;

/** The title that main.ts gives to its process. */
const TITLE = "sell-kafka";

/** The state of a listening socket in /proc/net/tcp. */
const LISTEN = "0A";

interface Address {
  readonly host: string;
  readonly port: number;
}

function programs(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/cmdline`).startsWith(TITLE));
}

/**
 * The addresses at which a process listens; others may share its network, and have sockets there.
 * Throws when it has ended.
 */
function listenersOf(pid: string): Address[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(pid, fd)),
  );
  return ["tcp", "tcp6"]
    .flatMap((table) => textOf(`/proc/${pid}/net/${table}`).split("\n"))
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === LISTEN && own.has(`socket:[${inode ?? ""}]`)
        ? [addressOf(local)]
        : [];
    });
}

/** Reads an address as `0100007F:24F8`: words in the machine's byte order, then the port. */
function addressOf(text: string): Address {
  const [words = "", port = ""] = text.split(":");
  const bytes = Buffer.from(words, "hex");
  if (endianness() === "LE") bytes.swap32();
  const isAny = bytes.every((byte) => byte === 0);
  const isIpv4 = bytes.length === 4;
  const own = isIpv4
    ? bytes.join(".")
    : (bytes.toString("hex").match(/.{4}/g) ?? []).join(":");
  const loopback = isIpv4 ? "127.0.0.1" : "::1";
  return { host: isAny ? loopback : own, port: Number.parseInt(port, 16) };
}

/** Null when it answers; else why it does not. */
function problemOf({ host, port }: Address): Promise<string | null> {
  const where = `${host} port ${port}`;
  return new Promise((resolve) => {
    const request = get(
      { host, port, path: "/livez", timeout: ANSWERS_WITHIN_MS, agent: false },
      ({ statusCode = 0 }) => {
        request.destroy();
        // The simulator knows no /livez: that it says so is an answer.
        resolve(statusCode < 500 ? null : `${where} answers ${statusCode}`);
      },
    );
    request.on("timeout", () => {
      request.destroy(new Error(`no answer in ${ANSWERS_WITHIN_MS} ms`));
    });
    request.on("error", ({ message }) => {
      resolve(`${where} does not answer: ${message}`);
    });
  });
}

/** A file of a process that has just ended reads as empty. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function socketOf(pid: string, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "";
  }
}

// Without a listener, Node.js opens a debugger.
process.on("SIGUSR1", () => undefined);

// Tests name the processes; a container has only its own.
const named = process.argv.slice(2);
const found = named.length === 0 ? programs() : named;
const problems =
  found.length === 0
    ? [`no ${TITLE} process runs`]
    : await Promise.all(found.flatMap(listenersOf).map(problemOf));
const told = problems.filter((problem) => problem !== null);
process.stdout.write(told.length === 0 ? "healthy\n" : `${told.join("\n")}\n`);
process.exitCode = told.length === 0 ? 0 : 1;
