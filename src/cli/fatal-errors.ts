import { cutText } from "../lib/text/cut-text.ts";
import { isError, memberOf, textOf } from "../lib/foreign-members.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { printable, printableLines } from "../security/printable.ts";
import { withoutSecrets } from "../security/without-secrets.ts";
import type { ProcessContext } from "./process-context.ts";

type Surroundings = Pick<ProcessContext, "stderr" | "env">;

const SECRET_NAME = /token|passw|passphrase|secret|key|credential/i;
const SHORTEST_SECRET = 6;
const MOST_CAUSES = 5;
/** The process may exit right after the write, so the text must fit into the buffer of a pipe. */
const MOST_BYTES = 8_192;
/** Longer than what is shown, since a secret that is cut in two is not always recognised. */
const MOST_SEARCHED = 50_000;
/** Names of errors that a mistake in a program makes, and no server or file. */
const BUG = /^(Type|Range|Reference|Syntax|Eval|URI|Aggregate|Assertion)Error$/;
const UNTELLABLE = "an error that can't be described";

/**
 * Writes the error that ended the process as the last line on stderr: NDJSON like the log, or words
 * on a terminal. It needs neither a configuration nor a logger, which may be what failed. The place in
 * the code is told of a mistake in the program, and when it is asked for.
 */
export function reportFatalError(
  error: unknown,
  around: Surroundings,
  { showsStack = false }: { readonly showsStack?: boolean } = {},
): void {
  reportSafely(around, () => {
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
    const type = isError(error)
      ? textOf(error, "name") || "Error"
      : typeof error;
    const stack = isError(error) ? textOf(error, "stack") : "";
    const err = {
      type,
      message: shown(causes.join(": ")),
      ...((showsStack || BUG.test(type)) && { stack: shown(stack) }),
    };
    writeLine("fatal", shown(first), { err }, around);
  });
}

/** Returns the reasons of an error in one line, without what looks like a secret. */
export function fatalReason(
  error: unknown,
  around: Pick<Surroundings, "env">,
): string {
  try {
    return hiding(around)(causesOf(error).join(": "));
  } catch {
    return UNTELLABLE;
  }
}

/** Writes an error that nothing caught, on a terminal with its place in the code. */
export function reportCrash(error: unknown, around: Surroundings): void {
  if (around.stderr.isTTY !== true) {
    reportFatalError(error, around, { showsStack: true });
    return;
  }
  reportSafely(around, () => {
    const stack = isError(error) ? textOf(error, "stack") : "";
    const text = stack || causesOf(error).join(": ");
    const shown = printableLines(hiding(around)(text));
    around.stderr.write(`sell-kafka: crashed: ${shown}\n`);
  });
}

/** Reports something even when the error itself throws while it is read. */
function reportSafely({ stderr }: Surroundings, report: () => void): void {
  try {
    report();
  } catch {
    const line = { level: "fatal", time: new Date().toISOString() };
    stderr.write(
      stderr.isTTY === true
        ? `sell-kafka: ${UNTELLABLE}\n`
        : `${JSON.stringify({ ...line, msg: UNTELLABLE })}\n`,
    );
  }
}

/** Writes a warning of Node.js itself. */
export function reportWarning(warning: Error, around: Surroundings): void {
  const [name, message] = ["name", "message"].map((part) =>
    textOf(warning, part),
  );
  const text = hiding(around)(`${name || "Warning"}: ${message ?? ""}`);
  if (around.stderr.isTTY === true)
    around.stderr.write(`${printableLines(text)}\n`);
  else writeLine("warn", text, {}, around);
}

function writeLine(
  level: "warn" | "fatal",
  msg: string,
  rest: object,
  { stderr }: Surroundings,
): void {
  const time = new Date().toISOString();
  const line = JSON.stringify({ level, time, ...rest, msg });
  stderr.write(`${printable(line)}\n`);
}

/** The reason of an error, followed by what each of its causes adds to it. */
function causesOf(error: unknown): string[] {
  const said: string[] = [];
  let one = error;
  for (let link = 0; isError(one) && link < MOST_CAUSES; link++) {
    const words = reasonOf(one);
    if (!said.some((before) => before.includes(words))) said.push(words);
    one = memberOf(one, "cause");
  }
  return said.length > 0 ? said : [reasonOf(error)];
}

/** Returns a function that shortens a text and redacts what looks like a secret, by its variable's name or by its place. */
function hiding({ env }: Pick<Surroundings, "env">): (text: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value = ""]) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
  return (text) => {
    const shown = withoutSecrets(text.slice(0, MOST_SEARCHED), secrets)
      .replace(/\b(bearer|basic) +[\w.~+/=-]{6,}/gi, "$1 [redacted]")
      .replace(/:\/\/[^\s/@]+@/g, "://[redacted]@");
    const cut = cutText(shown, MOST_BYTES);
    return cut.length < shown.length || text.length > MOST_SEARCHED
      ? `${cut}…`
      : cut;
  };
}
