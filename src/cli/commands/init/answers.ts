import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../../../app/usage-error.ts";
import { envelopeNames, valueFormatNames } from "../../../format/names.ts";
import type { ProcessContext } from "../../process-context.ts";
import { flagOf, isNeeded, paths, problemsWith, toChoices } from "./choices.ts";
import {
  DEFAULT_FILE,
  guaranteeNames,
  loginAnswers,
  loginNames,
} from "./defaults.ts";
import type { InitFlags } from "./init.ts";
import type { Interview, Question } from "./interview.ts";

export type Answers = Readonly<Record<keyof typeof suggestions, string>>;

/** The answers that empty lines give; an empty one has no answer that fits everybody. */
export const suggestions = {
  name: "sell",
  brokers: "localhost:9092",
  tls: "no",
  login: "none",
  username: "",
  tokenEndpoint: "",
  clientId: "sell-kafka",
  region: "",
  envelope: "change",
  value: "json",
  registry: "http://localhost:8081",
  guarantee: "at-least-once",
  port: "9464",
  config: DEFAULT_FILE,
};

/** In the order in which they are asked. */
const questions: Readonly<Record<keyof Answers, string>> = {
  name: "Name of this connector",
  brokers: "Kafka brokers, host:port, with commas between them",
  tls: "Do the brokers expect TLS: yes or no",
  login: `Login at the brokers: ${oneOf(loginNames)}`,
  username: "Name to log in by; its password comes from the environment",
  tokenEndpoint: "Address of the OAuth token endpoint",
  clientId: "OAuth client; its secret comes from the environment",
  region:
    "AWS region of the MSK cluster; the credentials are those of the environment, the pod, the task or the instance",
  envelope: `Envelope of the events: ${oneOf(envelopeNames)}`,
  value: `Values as ${oneOf(valueFormatNames)}`,
  registry: "Address of the schema registry",
  guarantee: `Delivery: ${oneOf(guaranteeNames)}`,
  port: "Port of the status page, metrics and probes on this machine, or none",
  config: "File to write",
};

const keys = Object.keys(questions) as readonly (keyof Answers)[];

/** Such as `a, b or c`. */
function oneOf(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(names);
}

/** The answers that flags give, and those of a program where they give none. Throws a UsageError for a flag without effect. */
export function givenBy(flags: InitFlags): Answers {
  const answers: Answers = {
    ...suggestions,
    ...flags,
    tls: flags.tls === true ? "yes" : "no",
    port: String(flags.port ?? "none"),
  };
  for (const key of loginAnswers)
    if (flags[key] !== undefined && !isNeeded(key, answers))
      throw new UsageError(
        `${flagOf(key)} says nothing with --login ${answers.login}`,
      );
  return answers;
}

/** Asks for each answer that no flag gives, until it is valid. Rejects with a NoAnswer. */
export async function askFor(
  given: Answers,
  flags: InitFlags,
  context: ProcessContext,
  interview: Interview,
): Promise<Answers> {
  const answers = { ...given };
  const problemsOf: Partial<Record<keyof Answers, Question["problem"]>> = {
    tls: yesOrNo,
    config: (file) => Promise.resolve(fileProblem(file, flags)),
  };
  const fitting = (key: keyof Answers) => async (answer: string) => {
    const choices = toChoices(
      { ...answers, [key]: answer },
      flags,
      "",
      context,
    );
    const problems = await problemsWith(choices, context);
    const own = problems.filter(({ path }) => path.startsWith(paths[key]));
    return own.map(({ message }) => message).join("; ") || null;
  };
  for (const key of keys) {
    if (flags[key] !== undefined || !isNeeded(key, answers)) continue;
    answers[key] = await interview.ask({
      text: questions[key],
      suggestion: suggestions[key],
      problem: problemsOf[key] ?? fitting(key),
    });
  }
  return answers;
}

export function yesOrNo(answer: string): Promise<string | null> {
  const isEither = answer === "yes" || answer === "no";
  return Promise.resolve(isEither ? null : "answer yes or no");
}

/** Why a file can't be written; null when it can, as far as can be seen. */
function fileProblem(file: string, { force }: InitFlags): string | null {
  const isThere = existsSync(file);
  if (isThere && statSync(file).isDirectory())
    return "it is a folder; name a file in it";
  if (isThere && force !== true)
    return "there is such a file; name another, or start again with --force";
  const folder = dirname(resolve(file));
  return existsSync(folder) ? null : `there is no folder ${folder}`;
}
