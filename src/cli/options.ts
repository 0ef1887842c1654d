import {
  Option,
  type Command,
  type OptionValues,
} from "@commander-js/extra-typings";
import { DEFAULT_CONFIG } from "./command-line.ts";
import type { LogLevel } from "../observe/log/logger.ts";

/** The values that a command's options have, by the function that adds the options to a command. */
export type FlagsOf<
  AddOptions extends (command: Command) => { opts: () => unknown },
> = Readonly<ReturnType<ReturnType<AddOptions>["opts"]>>;

const levels = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
] as const satisfies readonly LogLevel[];

const logLevel = new Option(
  "--log-level <level>",
  "how much to log, to standard error",
).choices(levels);

export function withLogLevel<
  Args extends unknown[],
  Flags extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Flags, Globals>) {
  return command.addOption(logLevel);
}

/** The descriptions of the options, as most commands have them. */
const usualWords = {
  config: "configuration file",
  json: "print the result as JSON on standard output",
};

/** Of the commands that also take a folder. */
export const folderWords = {
  ...usualWords,
  config: "configuration file, or a folder of them",
};

/** The options of every command that works from a configuration. */
export function withConfig<
  Args extends unknown[],
  Flags extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Flags, Globals>, words = usualWords) {
  return command
    .option("--config <file>", words.config, DEFAULT_CONFIG)
    .addOption(logLevel)
    .option("--json", words.json);
}

/** The option of the commands that drain Sell. */
export const stdoutOption = new Option(
  "--stdout",
  "print each event as a line of JSON in place of sending it to Kafka; acknowledge nothing",
);
