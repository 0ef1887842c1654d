import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../config/load-config.ts";
import { envelopeNames, valueFormatNames } from "../../format/names.ts";
import { schemasOf } from "../../format/value-formats.ts";
import { ConfigError, type Problem } from "../../config/problem.ts";
import { print, UsageError, type Context } from "../context.ts";
import { Interview, NoAnswer, type Question } from "../interview.ts";
import {
  startConfig,
  TOKEN_VARIABLE,
  type StartChoices,
} from "../start-config.ts";

export interface InitFlags {
  /** The file to write; null to ask for it. */
  readonly config?: string;
  readonly name?: string;
  /** Addresses, with commas between them. */
  readonly brokers?: string;
  readonly envelope?: string;
  readonly value?: string;
  readonly registry?: string;
  readonly sell?: string;
  readonly force?: boolean;
}

type Answers = Readonly<Record<keyof typeof suggestions, string>>;

const suggestions = {
  config: "connector.config.json",
  name: "sell",
  brokers: "localhost:9092",
  envelope: "change",
  value: "json",
  registry: "http://localhost:8081",
};

const questions: Readonly<Record<keyof Answers, string>> = {
  config: "File to write",
  name: "Name of this connector",
  brokers: "Kafka brokers, host:port, with commas between them",
  envelope: `Envelope of the events: ${oneOf(envelopeNames)}`,
  value: `Values as ${oneOf(valueFormatNames)}`,
  registry: "Address of the schema registry",
};

/** Such as `a, b or c`. */
function oneOf(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(names);
}

/** Where a configuration holds what was asked for. */
const paths: Readonly<Record<Exclude<keyof InitFlags, "force">, string>> = {
  config: "",
  name: "name",
  brokers: "kafka.brokers",
  envelope: "format.envelope",
  value: "format.value",
  registry: "schemaRegistry.url",
  sell: "sell.baseUrl",
};

/** Writes a first configuration: from flags, and on a terminal from answers too. */
export async function init(
  flags: InitFlags,
  context: Context,
): Promise<number> {
  const given: Answers = { ...suggestions, ...flags };
  if (flags.config !== undefined) refuseExisting(flags.config, flags);
  await refuseInvalid(given, flags, context);
  const isAsked = context.stdin.isTTY && context.stderr.isTTY;
  try {
    const answers = isAsked ? await askedFor(given, flags, context) : given;
    const path = resolve(answers.config);
    await write(path, startConfig(choicesOf(answers, flags, path)), flags);
    await print(context.stdout, nextSteps(answers.config, context));
    return 0;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    context.stderr.write("\nnothing was written\n");
    return 1;
  }
}

async function refuseInvalid(
  given: Answers,
  flags: InitFlags,
  context: Context,
): Promise<void> {
  const problems = await problemsOf(choicesOf(given, flags, ""), context);
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ path, message }) => `  ${flagFor(path)} ${message}`,
  );
  throw new UsageError(
    `the configuration would not be valid:\n${lines.join("\n")}`,
  );
}

async function askedFor(
  given: Answers,
  flags: InitFlags,
  context: Context,
): Promise<Answers> {
  using interview = new Interview(context);
  const answers = { ...given };
  const ask = async (key: keyof Answers, problem: Question["problem"]) => {
    if (flags[key] !== undefined) return;
    const text = questions[key];
    const suggestion = suggestions[key];
    answers[key] = await interview.ask({ text, suggestion, problem });
  };
  const fitting = (key: keyof Answers) => async (answer: string) => {
    const choices = choicesOf({ ...suggestions, [key]: answer }, flags, "");
    const problems = await problemsOf(choices, context);
    const own = problems.filter(({ path }) => path.startsWith(paths[key]));
    return own.map(({ message }) => message).join("; ") || null;
  };
  for (const key of ["name", "brokers", "envelope", "value"] as const)
    await ask(key, fitting(key));
  if (schemasOf(answers.value) !== null)
    await ask("registry", fitting("registry"));
  await ask("config", (file) =>
    Promise.resolve(
      existsSync(file) && flags.force !== true
        ? "there is such a file; name another, or start again with --force"
        : null,
    ),
  );
  return answers;
}

function choicesOf(
  answers: Answers,
  flags: InitFlags,
  path: string,
): StartChoices {
  const needsRegistry =
    schemasOf(answers.value) !== null || flags.registry !== undefined;
  return {
    name: answers.name,
    brokers: answers.brokers
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ""),
    envelope: answers.envelope,
    value: answers.value,
    registryUrl: needsRegistry ? answers.registry : null,
    sellUrl: flags.sell ?? null,
    schema: schemaFrom(path),
  };
}

/** The JSON Schema as seen from the file, when it lies within the file's folder. */
function schemaFrom(path: string): string | null {
  const schema = fileURLToPath(
    new URL("../../../schemas/connector.config.schema.json", import.meta.url),
  );
  const way = relative(dirname(path), schema).replaceAll("\\", "/");
  return way.startsWith("../") || way.includes(":") ? null : `./${way}`;
}

/** What keeps a configuration from being valid, given a token and whatever else it takes from outside. */
async function problemsOf(
  choices: StartChoices,
  { env }: Context,
): Promise<readonly Problem[]> {
  try {
    const token = { [TOKEN_VARIABLE]: "x".repeat(64) };
    await parseConfig(startConfig(choices), "", { ...env, ...token });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function flagFor(path: string): string {
  const [flag] = Object.entries(paths).find(
    ([, at]) => at !== "" && path.startsWith(at),
  ) ?? [path];
  return `--${flag}`;
}

function refuseExisting(file: string, { force }: InitFlags): void {
  if (existsSync(file) && force !== true) throw exists(file);
}

function exists(file: string): UsageError {
  return new UsageError(
    `${file} is there already; --force overwrites it, and --config FILE writes another`,
  );
}

async function write(
  path: string,
  text: string,
  { force }: InitFlags,
): Promise<void> {
  try {
    await writeFile(path, text, { flag: force === true ? "w" : "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw exists(path);
    throw new UsageError(
      `${path} can't be written (${code ?? "unknown error"})`,
    );
  }
}

function nextSteps(file: string, { env }: Context): string {
  const flag = file === suggestions.config ? "" : ` --config ${file}`;
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
