import { pino, type Level, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";
import { secretPaths } from "../config/definition/config.ts";
import { textOf } from "../lib/foreign-members.ts";
import { reasonOf } from "../lib/reason-of.ts";
import { printable, printableLines } from "../security/printable.ts";

export type LogLevel = Level | "silent";

/** Logs to one stream: NDJSON, or lines for people when it is a terminal, in colours unless NO_COLOR is set. */
export function createLogger(
  level: LogLevel,
  stream: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    /** Of a terminal: false also with NO_COLOR. */
    hasColors?(): boolean;
  },
): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializedError },
    // Nothing logs a configuration; should something ever do so, its secrets stay out.
    redact: { paths: [...secretPaths], censor: "[redacted]" },
  };
  if (stream.isTTY !== true)
    return pino(options, {
      write: (line) => stream.write(printableLines(line)),
    });
  const lines = PinoPretty({
    destination: stream,
    colorize: stream.hasColors?.() ?? false,
    ignore: "pid,hostname",
    sync: true,
  });
  return pino(options, { write: (line) => lines.write(printableEntry(line)) });
}

/** An error as pino writes it; one whose members can't be read must not end the process. */
function serializedError(error: Error): object {
  try {
    return pino.stdSerializers.err(error);
  } catch {
    return { message: reasonOf(error), stack: textOf(error, "stack") };
  }
}

/** A line of NDJSON whose texts a terminal shows as they are, each in one line. */
function printableEntry(line: string): string {
  const entry: unknown = JSON.parse(line, (name, value: unknown) => {
    if (typeof value !== "string") return value;
    return name === "stack" ? printableStack(value) : printable(value);
  });
  return `${JSON.stringify(entry)}\n`;
}

function printableStack(stack: string): string {
  return stack
    .split(/\n(?= {4}at )/)
    .map(printable)
    .join("\n");
}
