import { createRequire } from "node:module";
import { pino, type Level, type Logger } from "pino";
import type pinoPretty from "pino-pretty";
import { secretPaths } from "../../config/definition/config.ts";
import { textOf } from "../../lib/foreign-members.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import { printable, printableLines } from "../../security/printable.ts";

const require = createRequire(import.meta.url);

export type LogLevel = Level | "silent";

/** Logs NDJSON to a stream, or readable lines when it is a terminal, in colours unless NO_COLOR is set. */
export function createLogger(
  level: LogLevel,
  stream: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    /** Returns false when NO_COLOR is set. Only terminals have this method. */
    hasColors?(): boolean;
  },
): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    // Nothing logs a configuration today; if code ever does, this keeps its secrets out.
    redact: { paths: [...secretPaths], censor: "[redacted]" },
  };
  if (stream.isTTY !== true)
    return pino(options, {
      write: (line) => stream.write(printableLines(line)),
    });
  const pretty = require("pino-pretty") as typeof pinoPretty;
  const lines = pretty({
    destination: stream,
    colorize: stream.hasColors?.() ?? false,
    ignore: "pid,hostname",
    sync: true,
  });
  return pino(options, { write: (line) => lines.write(printableEntry(line)) });
}

/** Serializes an error as pino does. An error whose members can't be read must not end the process. */
function serializeError(error: Error): object {
  try {
    return pino.stdSerializers.err(error);
  } catch {
    return { message: reasonOf(error), stack: textOf(error, "stack") };
  }
}

/** Escapes the texts of a line of NDJSON, so that a terminal shows each of them in one line. */
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
