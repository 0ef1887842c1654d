import type { Config } from "../../config/definition/config.ts";
import type { CauseCode } from "../../domain/cause.ts";
import type { Deferral } from "../../domain/deferrals.ts";
import { shellWord } from "../../lib/text/shell-word.ts";

const MOST_TOPICS = 50;

/**
 * Returns lines for a shell that create the topics of a deferral, allow them to be written, raise
 * their limits, or show what they demand of records; null for any other cure.
 */
export function remedyCommand(
  { why, subjects }: Deferral,
  config: Config,
): string | null {
  const topics = [...subjects].sort().slice(0, MOST_TOPICS);
  if (topics.length === 0) return null;
  const operations = missingRights[why.code];
  if (operations !== undefined) return allowing(topics, operations, config);
  if (why.code === "records-refused" || why.code === "dead-letters-refused")
    return configuring(topics, why.neededBytes ?? null, config);
  if (!creations.has(why.code)) return null;
  const { deadLetterTopic } = config.delivery;
  const own = topics.filter((topic) => topic !== deadLetterTopic);
  return [
    ...(own.length === 0 ? [] : [creating(own, config.topics.config, config)]),
    // Without it, the first dead letter would wait in turn. An existing one stays as it is.
    ...(topics.includes(deadLetterTopic) || why.code === "topic-missing"
      ? [creating([deadLetterTopic], KEPT_FOR_EVER, config)]
      : []),
  ].join("\n");
}

const creations: ReadonlySet<CauseCode> = new Set([
  "topic-missing",
  "topic-deleted",
  "topic-limit",
  "topic-creation-refused",
]);

const KEPT_FOR_EVER = {
  "cleanup.policy": "delete",
  "retention.ms": "-1",
  "retention.bytes": "-1",
};

const missingRights: Readonly<Partial<Record<CauseCode, readonly string[]>>> = {
  "topic-denied": ["Describe", "Write"],
  "topic-creation-denied": ["Create", "Describe", "Write"],
};

function allowing(
  topics: readonly string[],
  operations: readonly string[],
  config: Config,
): string {
  // The shell stops the command while nobody has named the principal.
  const principal = `"User:\${PRINCIPAL:?set it to the principal of the connector}"`;
  return [
    "kafka-acls.sh",
    ...atBrokers(config),
    `--add --allow-principal ${principal}`,
    ...operations.map((operation) => `--operation ${operation}`),
    ...topics.map((topic) => `--topic ${shellWord(topic)}`),
  ].join(" ");
}

/** Raises the limits of topics; without a limit it shows their settings. */
function configuring(
  topics: readonly string[],
  neededBytes: number | null,
  config: Config,
): string {
  const action =
    neededBytes === null
      ? "--describe --all"
      : `--alter --add-config max.message.bytes=${neededBytes}`;
  const configure = [
    "kafka-configs.sh",
    ...atBrokers(config),
    '--entity-type topics --entity-name "$topic"',
    action,
  ].join(" ");
  return forEach(topics, configure);
}

function creating(
  topics: readonly string[],
  settings: Readonly<Record<string, string>>,
  config: Config,
): string {
  const { partitions, replicationFactor } = config.topics;
  const create = [
    "kafka-topics.sh",
    ...atBrokers(config),
    '--create --if-not-exists --topic "$topic"',
    `--partitions ${partitions}`,
    ...(replicationFactor === -1
      ? []
      : [`--replication-factor ${replicationFactor}`]),
    ...Object.entries(settings).map(
      ([name, value]) => `--config ${shellWord(`${name}=${value}`)}`,
    ),
  ].join(" ");
  return forEach(topics, create);
}

function forEach(topics: readonly string[], command: string): string {
  return `for topic in ${topics.map(shellWord).join(" ")}; do ${command}; done`;
}

/** `admin.properties` holds the login of somebody who may do this. */
function atBrokers({ kafka }: Config): readonly string[] {
  const isOpen = kafka.sasl === undefined && kafka.ssl === false;
  return [
    `--bootstrap-server ${shellWord(kafka.brokers.join(","))}`,
    ...(isOpen ? [] : ["--command-config admin.properties"]),
  ];
}
