import { parseConfig } from "../../../config/load-config.ts";
import { ConfigError, type Problem } from "../../../config/problem.ts";
import { needsRegistry } from "../../../format/value-formats.ts";
import { isLoopbackHost } from "../../../security/addresses.ts";
import type { ProcessContext } from "../../process-context.ts";
import { schemaFor } from "../../../config/schema-location.ts";
import type { Answers } from "./answers.ts";
import { isLoginAnswer, logins, secretVariables } from "./defaults.ts";
import type { InitFlags } from "./init.ts";
import { startConfig, type StartChoices } from "./start-config.ts";

/** The path of each answer in a configuration. */
export const paths: Readonly<Record<keyof Answers | "sell", string>> = {
  config: "",
  name: "name",
  brokers: "kafka.brokers",
  tls: "kafka.ssl",
  login: "kafka.sasl.mechanism",
  username: "kafka.sasl.username",
  tokenEndpoint: "kafka.sasl.tokenEndpoint",
  clientId: "kafka.sasl.clientId",
  region: "kafka.sasl.region",
  envelope: "format.envelope",
  value: "format.value",
  registry: "schemaRegistry.url",
  guarantee: "delivery.guarantee",
  port: "server.port",
  sell: "sell.baseUrl",
};

/** Whether an answer has an effect beside the others. */
export function isNeeded(key: keyof Answers, answers: Answers): boolean {
  const { login, value } = answers;
  if (isLoginAnswer(key))
    return logins.get(login)?.answers.includes(key) === true;
  return key !== "registry" || needsRegistry(value);
}

export function toChoices(
  answers: Answers,
  flags: InitFlags,
  path: string,
  { env }: Pick<ProcessContext, "env">,
): StartChoices {
  const { login: mechanism } = answers;
  const ofLogin = logins.get(mechanism)?.answers ?? [];
  const hasRegistry =
    isNeeded("registry", answers) || flags.registry !== undefined;
  return {
    name: answers.name,
    brokers: answers.brokers
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ""),
    hasTls: answers.tls === "yes",
    login:
      mechanism === "none"
        ? null
        : {
            mechanism,
            ...Object.fromEntries(ofLogin.map((key) => [key, answers[key]])),
          },
    envelope: answers.envelope,
    value: answers.value,
    registryUrl: hasRegistry ? answers.registry : null,
    guarantee: answers.guarantee,
    port:
      answers.port === "none"
        ? null
        : /^\d+$/.test(answers.port)
          ? Number(answers.port)
          : answers.port,
    sellUrl: flags.sell ?? null,
    takesAnyToken:
      env["SELL_ACCESS_TOKEN"] === undefined && isSimulator(flags.sell),
    schema: schemaFor(path),
  };
}

/** Sell itself is never reached without TLS, and a simulator only so. */
function isSimulator(address: string | undefined): boolean {
  const url = URL.parse(address ?? "");
  return url?.protocol === "http:" && isLoopbackHost(url.hostname);
}

/** Returns what is invalid in a configuration, with stand-ins for the secrets. */
export async function problemsWith(
  choices: StartChoices,
  { env }: ProcessContext,
): Promise<readonly Problem[]> {
  const standIns = Object.fromEntries(
    Object.keys(secretVariables).map((name) => [name, "x".repeat(64)]),
  );
  try {
    await parseConfig(startConfig(choices), "", { ...env, ...standIns });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The answer that sets a path of the configuration; null when none does. */
export function keyFor(path: string): keyof typeof paths | null {
  const keys = Object.keys(paths) as (keyof typeof paths)[];
  return (
    keys.find((key) => paths[key] !== "" && path.startsWith(paths[key])) ?? null
  );
}

/** The flag that gives an answer. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
