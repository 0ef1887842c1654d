import { z } from "zod";
import { envelopeWords } from "../../format/envelopes/envelopes.ts";
import { envelopeNames, valueFormatNames } from "../../format/names.ts";
import {
  registeredFormatNames,
  schemasOf,
  valueFormatWords,
} from "../../format/value-formats.ts";
import { LEGAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { Proxies } from "../../security/proxies.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { httpAddress, httpsOrLoopback, withoutQuery } from "./addresses.ts";
import { count, longWait, shortWait, text, WEEK_MS } from "./fields.ts";
import { brokers, kafka } from "./kafka-definition.ts";
import type { Problem } from "../problem.ts";
import { tlsDefinition } from "./tls-definition.ts";
import {
  DEFAULT_DEAD_LETTER_TOPIC,
  DEFAULT_PATTERN,
  topicContradictionsIn,
} from "./topic-contradictions.ts";

/** Values that no message may show. */
export const secretPaths: readonly string[] = [
  "sell.accessToken",
  "kafka.sasl.password",
  "kafka.sasl.clientSecret",
  "kafka.ssl.passphrase",
  "schemaRegistry.password",
  "schemaRegistry.ssl.passphrase",
];

const topicName = z.string().regex(LEGAL_TOPIC, {
  error:
    "must be a legal topic name: 1 to 249 of A-Z a-z 0-9 . _ -, and neither . nor ..",
});

const topicPattern = z.string().superRefine((pattern, context) => {
  const rest = pattern.replaceAll("{type}", "t").replaceAll("{name}", "n");
  if (/[{}]/.test(rest))
    context.addIssue("knows no placeholders but {type} and {name}");
  else if (!LEGAL_TOPIC.test(rest))
    context.addIssue(
      "must make legal topic names: 1 to 249 of A-Z a-z 0-9 . _ -, and neither . nor ..",
    );
});

const sell = z.strictObject({
  baseUrl: httpsOrLoopback
    .refine(withoutQuery.isFit, withoutQuery)
    .default("https://api.getbase.com")
    .describe(
      "Address of Sell's API; https, or http on a loopback host; redirects are never followed",
    ),
  accessToken: z
    .string()
    .regex(/^[\x21-\x7e]{64,}$/, {
      error:
        "must be at least 64 characters without white space, as Sell issues them under Settings > Integrations > OAuth > Access tokens, with the sync scope",
    })
    .describe(
      "Bearer token with the sync scope; best given as ${env:NAME} or ${file:PATH}",
    ),
  deviceUuid: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, {
      error: "must be 1 to 200 visible ASCII characters, best a UUID",
    })
    .optional()
    .describe("Overrides the derived device UUID; must never change"),
  epoch: z
    .int()
    .min(0)
    .max(9_999_999_999_999)
    .default(0)
    .describe("Raise it to have Sell send everything again"),
  pollIntervalMs: z
    .int()
    .min(1_000)
    .max(WEEK_MS)
    .default(30_000)
    .describe("Milliseconds from the end of a drain to the start of the next"),
  requestsPerSecond: z
    .number()
    .gt(0)
    .max(1_000_000)
    .default(10)
    .describe(
      "Ceiling for all requests of this token by this process, retries and acknowledgements too; fractions are fine",
    ),
  parallelFetches: count
    .max(100)
    .default(4)
    .describe("Connections that drain one session"),
  requestTimeoutMs: shortWait
    .default(30_000)
    .describe("Milliseconds that one request may take"),
  maxPageBytes: z
    .int()
    .min(1_024)
    .max(268_435_456)
    .default(134_217_728)
    .describe(
      "Decoded bytes of the largest answer that is read as a page; a page may hold 10,000 items and 2,000,000 JSON values, whatever this says",
    ),
  ackBatchSize: count
    .max(100_000)
    .default(500)
    .describe("Most keys in one acknowledgement"),
});

const topics = z.strictObject({
  pattern: topicPattern
    .default(DEFAULT_PATTERN)
    .describe("Name of a type's topic; may use {type} and {name}"),
  create: z.boolean().default(true).describe("Create missing topics"),
  maxCreated: count
    .max(10_000)
    .default(200)
    .describe(
      "Topics of the pattern, existing ones too, up to which missing ones are created; types beyond are deferred",
    ),
  partitions: count
    .max(100_000)
    .default(6)
    .describe("Partitions of created topics"),
  replicationFactor: z
    .int()
    .max(32_767)
    .refine((factor) => factor === -1 || factor >= 1, {
      error: "must be -1 (the brokers' default) or at least 1",
    })
    .default(-1)
    .describe("Replicas of created topics; -1 is the brokers' default"),
  config: z
    .record(z.string(), z.string())
    .default({
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
    })
    .describe(
      "Settings of created topics, as Kafka names them; all values are strings",
    ),
});

const format = z.strictObject({
  envelope: z
    .enum(envelopeNames)
    .default("change")
    .describe(`What surrounds a record. ${envelopeWords()}`),
  value: z
    .enum(valueFormatNames)
    .default("json")
    .describe(`How values are written. ${valueFormatWords()}`),
  tombstones: z
    .boolean()
    .default(true)
    .describe("With the change envelope: a null value follows each delete"),
});

const schemaRegistry = z
  .strictObject({
    url: httpAddress
      .refine(withoutQuery.isFit, withoutQuery)
      .describe(
        "Address of a Confluent-compatible schema registry, http or https",
      ),
    username: text
      .optional()
      .describe("Name for basic authentication, together with password"),
    password: text
      .optional()
      .describe("Password for basic authentication, together with username"),
    ssl: tlsDefinition.optional().describe("TLS files for an https address"),
    autoRegister: z
      .boolean()
      .default(true)
      .describe(
        "Register schemas; without it the latest registered one is used",
      ),
  })
  .refine(
    ({ username, password }) =>
      (username === undefined) === (password === undefined),
    { error: "needs username and password together" },
  )
  .refine(
    ({ url, ssl }) => ssl === undefined || URL.parse(url)?.protocol !== "http:",
    {
      path: ["ssl"],
      error:
        "has no effect on an http:// address; make it https://, or remove it",
    },
  );

const delivery = z.strictObject({
  guarantee: z
    .enum(["at-least-once", "exactly-once"])
    .default("at-least-once")
    .describe(
      "exactly-once writes events and what they settle in one Kafka transaction",
    ),
  deadLetterTopic: topicName
    .default(DEFAULT_DEAD_LETTER_TOPIC)
    .describe(
      "Topic for records that can't be published; several connectors may share it",
    ),
  maxBufferedBytes: count
    .max(17_179_869_184)
    .default(33_554_432)
    .describe("Decoded response bytes, fetched and not yet published"),
  giveUpAfterMs: longWait
    .default(300_000)
    .describe("sync only: milliseconds without progress after which it ends"),
  shutdownTimeoutMs: shortWait
    .default(30_000)
    .describe(
      "Milliseconds to publish and acknowledge what is held, when asked to stop; half of them for pages that are on their way",
    ),
});

const server = z.strictObject({
  host: text
    .default("127.0.0.1")
    .describe(
      "Address to listen at; there is no login, so mind who reaches it",
    ),
  port: z.int().min(0).max(65_535).describe("0 picks a free port and logs it"),
});

export const configDefinition = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe("Where an editor finds the JSON Schema of this file"),
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, {
      error: "must be 1 to 100 of A-Z a-z 0-9 . _ -",
    })
    .describe("The connector's identity"),
  sell,
  kafka,
  topics: topics.prefault({}),
  format: format.prefault({}),
  schemaRegistry: schemaRegistry
    .optional()
    .describe(
      `Keeps the schemas of values; required with format.value ${registeredFormatNames.join(" or ")}`,
    ),
  delivery: delivery.prefault({}),
  server: server
    .optional()
    .describe("Serves metrics, probes and the status page"),
  log: z
    .strictObject({
      level: z
        .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
        .default("info")
        .describe("How much is logged; --log-level overrides it"),
    })
    .prefault({}),
});

const topicNames = z.object({
  name: z.string(),
  pattern: topicPattern,
  deadLetterTopic: topicName,
});

/** What is wrong between settings, each of which may be right: told whatever else is wrong with them. */
export function contradictionsIn(config: unknown): Problem[] {
  const { name, sell, topics, format, schemaRegistry, delivery } = (config ??
    {}) as {
    name?: unknown;
    topics?: { pattern?: unknown } | null;
    delivery?: { deadLetterTopic?: unknown } | null;
    sell?: { deviceUuid?: unknown; epoch?: unknown } | null;
    format?: { value?: unknown } | null;
    schemaRegistry?: unknown;
  };
  const problems: Problem[] = [];
  if (sell?.deviceUuid !== undefined && (sell.epoch ?? 0) !== 0)
    problems.push({
      path: "sell.epoch",
      message:
        "has no effect on a device UUID that is set; remove sell.deviceUuid, or change it in place of the epoch",
    });
  if (schemasOf(format?.value) !== null && schemaRegistry === undefined)
    problems.push({
      path: "schemaRegistry",
      message: `is required with format.value "${String(format?.value)}"; set schemaRegistry.url`,
    });
  const names = topicNames.safeParse({
    name,
    pattern: topics?.pattern ?? DEFAULT_PATTERN,
    deadLetterTopic: delivery?.deadLetterTopic ?? DEFAULT_DEAD_LETTER_TOPIC,
  });
  if (names.success) problems.push(...topicContradictionsIn(names.data));
  return problems;
}

type ConfigFile = z.output<typeof configDefinition>;
type SaslFile = NonNullable<ConfigFile["kafka"]["sasl"]>;

/** What is reached by HTTP may lie behind a proxy of the environment. */
interface Proxied {
  readonly proxies: Proxies;
}

/** A valid configuration, with every default filled in, and the files of its connections read. */
export type Config = Readonly<
  Omit<ConfigFile, "sell" | "kafka" | "schemaRegistry"> & {
    sell: ConfigFile["sell"] & Proxied;
    kafka: Omit<ConfigFile["kafka"], "ssl" | "sasl"> & {
      ssl: TlsOptions | false;
      sasl?: (SaslFile & Proxied) | undefined;
    };
    schemaRegistry?:
      | (Omit<NonNullable<ConfigFile["schemaRegistry"]>, "ssl"> &
          Proxied & { ssl?: TlsOptions | undefined })
      | undefined;
  }
>;

/** `cluster.json` of a folder of connectors. */
export const clusterDefinition = z.strictObject({
  $schema: z.string().optional(),
  group: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, {
      error: "must be 1 to 200 of A-Z a-z 0-9 . _ -",
    })
    .describe(
      "Consumer group by which instances share the connectors of the folder",
    ),
  kafka,
});

/** How the instances of a group find each other. */
export interface ClusterConfig {
  readonly group: string;
  readonly kafka: Config["kafka"];
}

/** JSON Schema (draft 2020-12) of the configuration file, for editors. */
export function configJsonSchema(): object {
  return {
    title: "Configuration of sell-kafka",
    ...z.toJSONSchema(configDefinition, {
      io: "input",
      // A text from outside is taken apart before it comes to the definition.
      override: ({ zodSchema, jsonSchema }) => {
        if (zodSchema !== brokers) return;
        const { description = "", ...list } = jsonSchema;
        for (const key of Object.keys(jsonSchema))
          Reflect.deleteProperty(jsonSchema, key);
        jsonSchema.description = description;
        jsonSchema.anyOf = [
          list,
          { type: "string", pattern: "^\\$\\{(env|file):" },
        ];
      },
    }),
  };
}
