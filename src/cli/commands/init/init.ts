import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Option, type Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import { envelopeNames, valueFormatNames } from "../../../format/names.ts";
import type { FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import { DEFAULT_FILE, TOKEN_VARIABLE } from "./defaults.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("init")).action((flags) =>
    execute(() => init(flags, context)),
  );
};

const withOptions = (command: Command) =>
  command
    .description(
      "write a first configuration; on a terminal it asks for what no option names",
    )
    .option(
      "--config <file>",
      "the file to write; connector.config.json without it",
    )
    .option("--name <name>", "what the connector is called; sell without it")
    .option(
      "--brokers <list>",
      "Kafka's addresses, host:port, with commas between them; localhost:9092 without it",
    )
    .addOption(
      new Option(
        "--envelope <name>",
        "envelope of the events; change without it",
      ).choices(envelopeNames),
    )
    .addOption(
      new Option(
        "--value <format>",
        "format of the values; json without it",
      ).choices(valueFormatNames),
    )
    .option(
      "--registry <url>",
      "address of the schema registry, for a format that needs one",
    )
    .option(
      "--sell <url>",
      'another Sell, such as that of "sell-kafka simulate"',
    )
    .option("--force", "overwrite a file that is there");

export type InitFlags = FlagsOf<typeof withOptions>;

/** Writes a first configuration: from flags, and on a terminal from answers too. */
async function init(
  flags: InitFlags,
  context: ProcessContext,
): Promise<number> {
  const { askFor, problemsWith, suggestions, toChoices, flagFor } =
    await import("./answers.ts");
  const { NoAnswer } = await import("./interview.ts");
  const { startConfig } = await import("./start-config.ts");
  const given = { ...suggestions, ...flags };
  if (flags.config !== undefined) refuseExisting(flags.config, flags);
  const problems = await problemsWith(toChoices(given, flags, ""), context);
  if (problems.length > 0) {
    const lines = problems.map(
      ({ path, message }) => `  ${flagFor(path)} ${message}`,
    );
    throw new UsageError(
      `the configuration would not be valid:\n${lines.join("\n")}`,
    );
  }
  const isAsked = context.stdin.isTTY && context.stderr.isTTY;
  try {
    const answers = isAsked ? await askFor(given, flags, context) : given;
    const path = resolve(answers.config);
    await writeConfig(
      path,
      startConfig(toChoices(answers, flags, path)),
      flags,
    );
    await print(context.stdout, nextSteps(answers.config, context));
    return 0;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    context.stderr.write("\nnothing was written\n");
    return 1;
  }
}

function refuseExisting(file: string, { force }: InitFlags): void {
  if (existsSync(file) && force !== true) throw existsError(file);
}

function existsError(file: string): UsageError {
  return new UsageError(
    `${file} is there already; --force overwrites it, and --config FILE writes another`,
  );
}

async function writeConfig(
  path: string,
  text: string,
  { force }: InitFlags,
): Promise<void> {
  try {
    await writeFile(path, text, { flag: force === true ? "w" : "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw existsError(path);
    throw new UsageError(
      `${path} can't be written (${code ?? "unknown error"})`,
    );
  }
}

function nextSteps(file: string, { env }: ProcessContext): string {
  const flag = file === DEFAULT_FILE ? "" : ` --config ${file}`;
  const commands = [
    ["check", "look whether everything is in place"],
    ["sync --stdout", "show the events, and change nothing"],
    ["sync", "drain Sell into Kafka once"],
    ["run", "go on doing so"],
  ].map(([command = "", does = ""]) => [`sell-kafka ${command}${flag}`, does]);
  const width = Math.max(...commands.map(([line = ""]) => line.length));
  return [
    `wrote ${file}; next:`,
    ...(env[TOKEN_VARIABLE] === undefined
      ? [`  put Sell's access token into the environment, as ${TOKEN_VARIABLE}`]
      : []),
    ...commands.map(
      ([line = "", does = ""]) => `  ${line.padEnd(width)}  ${does}`,
    ),
    "",
  ].join("\n");
}
