import { isAbsolute } from "node:path";
import { envelopeWords } from "../../../format/envelopes/envelopes.ts";
import { valueFormatWords } from "../../../format/value-formats.ts";
import { STAND_IN_TOKEN } from "../../../simulator/endpoint.ts";
import { logins, type SecretVariable } from "./defaults.ts";

interface Login extends Readonly<Record<string, string>> {
  readonly mechanism: string;
}

/** The settings of a first configuration. */
export interface StartChoices {
  readonly name: string;
  readonly brokers: readonly string[];
  readonly hasTls: boolean;
  /** How to log in at the brokers, without the secret; null for no login. */
  readonly login: Login | null;
  readonly envelope: string;
  readonly value: string;
  /** Null without a schema registry. */
  readonly registryUrl: string | null;
  readonly guarantee: string;
  /** Where the status page is served, a number unless the answer was none; null for no page. */
  readonly port: number | string | null;
  /** Null for Sell itself. */
  readonly sellUrl: string | null;
  /** Whether that Sell is a simulated one, which takes every access token. */
  readonly takesAnyToken: boolean;
  /** Where editors find the JSON Schema. */
  readonly schema: string;
}

/** The environment variables that the secrets of a configuration come from. */
export function variablesOf({
  login,
  takesAnyToken,
}: StartChoices): SecretVariable[] {
  const [, variable] = (login && logins.get(login.mechanism)?.secret) ?? [];
  const ofLogin = variable === undefined ? [] : [variable];
  return takesAnyToken ? ofLogin : ["SELL_ACCESS_TOKEN", ...ofLogin];
}

/** The settings of a login, with a placeholder for its secret. */
function saslOf(login: Login) {
  const { secret = null } = logins.get(login.mechanism) ?? {};
  if (secret === null) return login;
  const [setting, variable] = secret;
  return { ...login, [setting]: `\${env:${variable}}` };
}

const TOKEN_VARIABLE = "${env:SELL_ACCESS_TOKEN}";
const FOR_SELL =
  "// A token with the sync scope; in Sell: Settings > Integrations > OAuth > Access tokens.";
const FOR_SIMULATOR = `// A simulated Sell takes every token. For Sell itself: ${JSON.stringify(TOKEN_VARIABLE)}`;

/** The comment in place of a login that nobody asked for. */
const shownLogin = { mechanism: "scram-sha-512", username: "sell-kafka" };

/** Returns a configuration as text: the choices, and the settings that are most often wanted next as comments. */
export function startConfig(choices: StartChoices): string {
  const { name, brokers, envelope, value } = choices;
  const { registryUrl, sellUrl, schema, hasTls, login, port } = choices;
  const set = (key: string, setting: unknown) =>
    `${JSON.stringify(key)}: ${inOneLine(setting)},`;
  const unless = (isSet: boolean, line: string) =>
    isSet ? line : `// ${line}`;
  const delivery = {
    guarantee:
      choices.guarantee === "at-least-once"
        ? "exactly-once"
        : choices.guarantee,
  };
  const registry = `"schemaRegistry": { "url": ${JSON.stringify(registryUrl ?? "http://localhost:8081")} },`;
  return `// A configuration of sell-kafka: JSON with comments. Lines that are commented out show other
// settings. Keep secrets out of this file: \${env:NAME} stands for an environment variable, and
// \${file:PATH} for the content of a file.
{
${
  isAbsolute(schema)
    ? `  // For editors of this machine: before others use this file, put the schema beside it and name that.
`
    : ""
}  ${set("$schema", schema)}

  // What this connector is called. Never change it: under another name, Sell hands everything out again.
  ${set("name", name)}

  "sell": {
    ${choices.takesAnyToken ? FOR_SIMULATOR : FOR_SELL}
    ${set("accessToken", choices.takesAnyToken ? STAND_IN_TOKEN : TOKEN_VARIABLE)}
    ${unless(sellUrl !== null, set("baseUrl", sellUrl ?? "https://api.getbase.com"))}
    // Milliseconds that "run" waits from the end of a drain to the next.
    // ${set("pollIntervalMs", 10_000)}
  },

  "kafka": {
    ${set("brokers", brokers)}
    ${unless(hasTls, set("ssl", true))}
    ${unless(login !== null, set("sasl", saslOf(login ?? shownLogin)))}
  },

  // Topics that are missing are created: compacted, with six partitions. {type} is Sell's resource type.
  // "topics": { "pattern": "sell.{type}", "replicationFactor": 3 },

  "format": {
${comment(`${envelopeWords()}.`)}
    ${set("envelope", envelope)}
${comment(`${valueFormatWords()}.`)}
    ${set("value", value)}
  },
  ${unless(registryUrl !== null, registry)}

  // Each change once for consumers that read committed, by Kafka's transactions.
  ${unless(choices.guarantee !== "at-least-once", set("delivery", delivery))}

  // Probes, Prometheus metrics and a status page.
  ${unless(port !== null, set("server", { port: port ?? 9_464 }))}
}
`;
}

/** A comment within an object of the first level, in lines that fit on a screen. */
function comment(text: string): string {
  const lines = text.match(/\S.{0,90}(?=\s|$)/g) ?? [];
  return lines.map((line) => `    // ${line}`).join("\n");
}

/** JSON with spaces between its members. */
function inOneLine(setting: unknown): string {
  return typeof setting === "object" && !Array.isArray(setting)
    ? JSON.stringify(setting, null, 1).replaceAll(/\n */g, " ")
    : JSON.stringify(setting);
}
