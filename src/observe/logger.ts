import { pino, type Level, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";
import { secretPaths } from "../config/definition/config.ts";
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
