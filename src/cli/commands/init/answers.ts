import { existsSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../../config/load-config.ts";
import { ConfigError, type Problem } from "../../../config/problem.ts";
import { envelopeNames, valueFormatNames } from "../../../format/names.ts";
import { needsRegistry } from "../../../format/value-formats.ts";
import type { ProcessContext } from "../../process-context.ts";
import type { InitFlags } from "./init.ts";
import { Interview, type Question } from "./interview.ts";
import { DEFAULT_FILE, TOKEN_VARIABLE } from "./defaults.ts";
import { startConfig, type StartChoices } from "./start-config.ts";

export type Answers = Readonly<Record<keyof typeof suggestions, string>>;

/** The answers that empty lines give. */
export const suggestions = {
  config: DEFAULT_FILE,
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

/** The path of each answer in a configuration. */
const paths: Readonly<Record<Exclude<keyof InitFlags, "force">, string>> = {
  config: "",
  name: "name",
  brokers: "kafka.brokers",
  envelope: "format.envelope",
  value: "format.value",
  registry: "schemaRegistry.url",
  sell: "sell.baseUrl",
};

/** Asks for each answer that no flag gives, until it is valid. Rejects with a NoAnswer. */
export async function askFor(
  given: Answers,
  flags: InitFlags,
  context: ProcessContext,
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
    const choices = toChoices({ ...suggestions, [key]: answer }, flags, "");
    const problems = await problemsWith(choices, context);
    const own = problems.filter(({ path }) => path.startsWith(paths[key]));
    return own.map(({ message }) => message).join("; ") || null;
  };
  for (const key of ["name", "brokers", "envelope", "value"] as const)
    await ask(key, fitting(key));
  if (needsRegistry(answers.value)) await ask("registry", fitting("registry"));
  await ask("config", (file) =>
    Promise.resolve(
      existsSync(file) && flags.force !== true
        ? "there is such a file; name another, or start again with --force"
        : null,
    ),
  );
  return answers;
}

export function toChoices(
  answers: Answers,
  flags: InitFlags,
  path: string,
): StartChoices {
  const hasRegistry =
    needsRegistry(answers.value) || flags.registry !== undefined;
  return {
    name: answers.name,
    brokers: answers.brokers
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ""),
    envelope: answers.envelope,
    value: answers.value,
    registryUrl: hasRegistry ? answers.registry : null,
    sellUrl: flags.sell ?? null,
    schema: schemaFrom(path),
  };
}

/** The relative path of the JSON Schema; null when it is outside the folder of the configuration file. */
function schemaFrom(path: string): string | null {
  const schema = fileURLToPath(
    new URL(
      "../../../../schemas/connector.config.schema.json",
      import.meta.url,
    ),
  );
  const way = relative(dirname(path), schema).replaceAll("\\", "/");
  return way.startsWith("../") || way.includes(":") ? null : `./${way}`;
}

/** Returns what is invalid in a configuration, with a stand-in for the access token. */
export async function problemsWith(
  choices: StartChoices,
  { env }: ProcessContext,
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

/** The flag that sets a path of the configuration. */
export function flagFor(path: string): string {
  const [flag] = Object.entries(paths).find(
    ([, at]) => at !== "" && path.startsWith(at),
  ) ?? [path];
  return `--${flag}`;
}
