import { reasonOf } from "../lib/reason-of.ts";
import { printable, printableLines } from "../security/printable.ts";
import { withoutSecrets } from "../security/without-secrets.ts";
import type { Context } from "./context.ts";

type Surroundings = Pick<Context, "stderr" | "env">;

const SECRET_NAME = /token|passw|passphrase|secret|key|credential/i;
const SHORTEST_SECRET = 6;
const MOST_CAUSES = 5;

/**
 * Tells what ended the process, as the last line on stderr: NDJSON like the log, or words on a
 * terminal. It needs neither a configuration nor a logger, which may be what failed.
 */
export function tellEnd(error: unknown, around: Surroundings): void {
  const shown = hiding(around);
  const causes = causesOf(error);
  const [first = ""] = causes;
  if (around.stderr.isTTY === true) {
    const because = causes
      .slice(1)
      .map((one) => `\n  because: ${printable(shown(one))}`);
    const words = printable(shown(first));
    around.stderr.write(`sell-kafka: ${words}${because.join("")}\n`);
    return;
  }
  const err = {
    type: error instanceof Error ? error.name : typeof error,
    message: shown(causes.join(": ")),
    stack: shown(error instanceof Error ? (error.stack ?? "") : ""),
  };
  tell("fatal", shown(first), { err }, around);
}

/** Tells an end that nobody foresaw, with the place in the code. */
export function tellCrash(error: unknown, around: Surroundings): void {
  if (around.stderr.isTTY !== true) {
    tellEnd(error, around);
    return;
  }
  const stack = error instanceof Error ? error.stack : undefined;
  const text = stack ?? causesOf(error).join(": ");
  const shown = printableLines(hiding(around)(text));
  around.stderr.write(`sell-kafka: crashed: ${shown}\n`);
}

/** Tells a warning of Node.js itself. */
export function tellWarning(
  { name, message }: Error,
  around: Surroundings,
): void {
  const text = hiding(around)(`${name}: ${message}`);
  if (around.stderr.isTTY === true)
    around.stderr.write(`${printableLines(text)}\n`);
  else tell("warn", text, {}, around);
}

function tell(
  level: "warn" | "fatal",
  msg: string,
  rest: object,
  { stderr }: Surroundings,
): void {
  const time = new Date().toISOString();
  const line = JSON.stringify({ level, time, ...rest, msg });
  stderr.write(`${printable(line)}\n`);
}

/** What the error says, and then what its causes add to that. */
function causesOf(error: unknown): string[] {
  const said: string[] = [];
  let one = error;
  for (let link = 0; one instanceof Error && link < MOST_CAUSES; link++) {
    const words = reasonOf(one);
    if (!said.some((before) => before.includes(words))) said.push(words);
    one = one.cause;
  }
  return said.length > 0 ? said : [reasonOf(error)];
}

/** Leaves out what looks like a secret by the name of its variable or by its place. */
function hiding({ env }: Surroundings): (text: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value = ""]) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
  return (text) =>
    withoutSecrets(text, secrets)
      .replace(/\b(bearer|basic) +[\w.~+/=-]{6,}/gi, "$1 [redacted]")
      .replace(/:\/\/[^\s/@]+@/g, "://[redacted]@");
}
