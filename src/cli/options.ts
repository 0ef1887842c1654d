import { Option, type Command } from "commander";
import type { LogLevel } from "../observe/log/logger.ts";

export interface CommonFlags {
  readonly config: string;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}

const levels: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
];

export function withLogLevel(command: Command): Command {
  return command.addOption(
    new Option(
      "--log-level <level>",
      "how much to log, to standard error",
    ).choices(levels),
  );
}

/** The options of every command that works from a configuration. */
export function withConfig(command: Command): Command {
  return withLogLevel(
    command.option(
      "--config <file>",
      "configuration file",
      "connector.config.json",
    ),
  ).option("--json", "print the result as JSON on standard output");
}
