import { envelopeWords } from "../../../format/envelopes/envelopes.ts";
import { valueFormatWords } from "../../../format/value-formats.ts";
import { TOKEN_VARIABLE } from "./defaults.ts";

/** The settings of a first configuration. */
export interface StartChoices {
  readonly name: string;
  readonly brokers: readonly string[];
  readonly envelope: string;
  readonly value: string;
  /** Null without a schema registry. */
  readonly registryUrl: string | null;
  /** Null for Sell itself. */
  readonly sellUrl: string | null;
  /** Where editors find the JSON Schema; null to name none. */
  readonly schema: string | null;
}

/** Returns a configuration as text: the choices, and the settings that are most often wanted next as comments. */
export function startConfig(choices: StartChoices): string {
  const { name, brokers, envelope, value } = choices;
  const { registryUrl, sellUrl, schema } = choices;
  const set = (key: string, setting: unknown) =>
    `${JSON.stringify(key)}: ${JSON.stringify(setting)},`;
  const unless = (isSet: boolean, line: string) =>
    isSet ? line : `// ${line}`;
  const registry = `"schemaRegistry": { "url": ${JSON.stringify(registryUrl ?? "http://localhost:8081")} },`;
  return `// A configuration of sell-kafka: JSON with comments. Lines that are commented out show other
// settings. Keep secrets out of this file: \${env:NAME} stands for an environment variable, and
// \${file:PATH} for the content of a file.
{
${schema === null ? "" : `  ${set("$schema", schema)}\n\n`}  // What this connector is called. Never change it: under another name, Sell hands everything out again.
  ${set("name", name)}

  "sell": {
    // A token with the sync scope; in Sell: Settings > Integrations > OAuth > Access tokens.
    ${set("accessToken", `\${env:${TOKEN_VARIABLE}}`)}
    ${unless(sellUrl !== null, set("baseUrl", sellUrl ?? "https://api.getbase.com"))}
    // Milliseconds that "run" waits from the end of a drain to the next.
    // ${set("pollIntervalMs", 10_000)}
  },

  "kafka": {
    ${set("brokers", brokers)}
    // ${set("ssl", true)}
    // "sasl": { "mechanism": "scram-sha-512", "username": "sell-kafka", "password": "\${env:KAFKA_PASSWORD}" },
  },

  // Topics that are missing are created: compacted, with six partitions. {type} is Sell's resource type.
  // "topics": { "pattern": "sell.{type}", "replicationFactor": 3 },

  "format": {
    // ${envelopeWords()}.
    ${set("envelope", envelope)}
    // ${valueFormatWords()}.
    ${set("value", value)}
  },
  ${unless(registryUrl !== null, registry)}

  // Each change once for consumers that read committed, by Kafka's transactions.
  // "delivery": { "guarantee": "exactly-once" },

  // Probes, Prometheus metrics and a status page.
  // "server": { "port": 9464 },
}
`;
}
