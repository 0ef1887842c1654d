import { pino, type Level, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";
import { secretPaths } from "../config/config.ts";

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
  return stream.isTTY === true
    ? pino(
        options,
        PinoPretty({
          destination: stream,
          colorize: stream.hasColors?.() ?? false,
          ignore: "pid,hostname",
          sync: true,
        }),
      )
    : pino(options, stream);
}
