import {
  ConfigResourceTypes,
  KafkaJSAggregateError,
  type Admin,
} from "../../kafka/client/kafkajs.ts";
import {
  RecordFault,
  TypeFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { errorTypeOf, brokerReason } from "../../kafka/client/errors.ts";
import type { TopicFault } from "../sink.ts";

/** How topics are made. */
export interface NewTopics {
  readonly partitions: number;
  /** -1 is the brokers' default. */
  readonly replicationFactor: number;
  /** Loads the brokers' default. */
  readonly defaultReplication: () => Promise<number>;
  readonly config: Readonly<Record<string, string>>;
  readonly deadLetterTopic: string;
  readonly journalTopic: string;
  /** Null where none is written. */
  readonly markersTopic: string | null;
}

/**
 * The journal is shared by all connectors of a cluster, whatever the topics of one of them have. A
 * transaction that a killed process left open holds up the connectors of one partition alone.
 */
const JOURNAL_PARTITIONS = 12;

/**
 * Creates topics; answers why for those that could not be. One that was there already is counted
 * as created. Rejects with an UnavailableFault when it took too long, or kafkajs's error.
 */
export async function createTopics(
  admin: Admin,
  topics: readonly string[],
  options: NewTopics,
  /** Only ask whether it could be done. */
  validateOnly = false,
): Promise<ReadonlyMap<string, TopicFault>> {
  const { partitions, replicationFactor, journalTopic } = options;
  const minInsync = await minInsyncReplicas(options);
  const faults = new Map<string, TopicFault>();
  try {
    await admin.createTopics({
      validateOnly,
      waitForLeaders: !validateOnly,
      topics: topics.map((topic) => ({
        topic,
        numPartitions:
          topic === journalTopic
            ? Math.max(partitions, JOURNAL_PARTITIONS)
            : partitions,
        replicationFactor,
        configEntries: Object.entries({
          ...minInsync,
          ...configOf(topic, options),
        }).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    if (!(error instanceof KafkaJSAggregateError)) throw error;
    for (const one of error.errors) {
      if (!(one instanceof Error && "topic" in one) || isThere(one)) continue;
      const topic = String(one.topic);
      if (passes(one))
        throw new UnavailableFault(
          `topic ${topic} could not be created in time`,
          { cause: one },
        );
      faults.set(topic, creationFault(topic, one, options));
    }
  }
  return faults;
}

function passes(error: Error): boolean {
  const type = errorTypeOf(error);
  return type === "REQUEST_TIMED_OUT" || type === "NOT_CONTROLLER";
}

function isThere(error: Error): boolean {
  return errorTypeOf(error) === "TOPIC_ALREADY_EXISTS";
}

/** Compaction would keep only the newest dead letter, or marker, of a key; the journal is always compacted. */
function configOf(
  topic: string,
  { config, deadLetterTopic, journalTopic, markersTopic }: NewTopics,
): Record<string, string> {
  if (topic === journalTopic) return { ...config, "cleanup.policy": "compact" };
  return topic === deadLetterTopic || topic === markersTopic
    ? {
        ...config,
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
      }
    : { ...config };
}

async function minInsyncReplicas({
  replicationFactor,
  defaultReplication,
}: NewTopics): Promise<Record<string, string>> {
  const replicas =
    replicationFactor === -1 ? await defaultReplication() : replicationFactor;
  return replicas >= 3 ? { "min.insync.replicas": "2" } : {};
}

function creationFault(
  topic: string,
  error: Error,
  { config }: NewTopics,
): TopicFault {
  const type = errorTypeOf(error);
  if (type === "INVALID_TOPIC_EXCEPTION")
    return new RecordFault(
      "route",
      `Kafka allows no topic ${topic}: ${brokerReason(error)}`,
      { cause: error },
    );
  return new TypeFault(
    {
      code:
        type !== null && denials.has(type)
          ? "topic-creation-denied"
          : "topic-creation-refused",
      variant: type ?? "",
      reason: `the topic can't be created: ${brokerReason(error)}`,
      ofMany: { reason: `the topics can't be created: ${brokerReason(error)}` },
      remedy: remedyOf(type ?? "", Object.keys(config)),
      subject: topic,
    },
    { cause: error },
  );
}

const denials = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
]);

const MOST_KEYS = 10;

/** What to do about a topic that can't be created, after the reason. */
function remedyOf(type: string, keys: readonly string[]): string {
  switch (type) {
    case "INVALID_CONFIG": {
      const shown = keys.slice(0, MOST_KEYS).join(", ");
      const more = keys.length > MOST_KEYS ? ", and more" : "";
      return `topics.config sets ${keys.length === 0 ? "nothing" : `${shown}${more}`}; which of them is at fault stands in the log of the brokers only`;
    }
    case "TOPIC_AUTHORIZATION_FAILED":
    case "CLUSTER_AUTHORIZATION_FAILED":
      return "allow the connector's principal Create on it, or create it yourself";
    case "INVALID_REPLICATION_FACTOR":
    case "INVALID_PARTITIONS":
      return "or create it yourself";
    default:
      return "create it yourself, or correct the topics.* settings";
  }
}

/**
 * Loads the number of replicas that the brokers give a topic by default; 1 when they refuse to
 * tell, as a principal without rights. Rejects with kafkajs's error when they can't be reached.
 */
export async function loadDefaultReplication(admin: Admin): Promise<number> {
  const { brokers } = await admin.describeCluster();
  const query = {
    type: ConfigResourceTypes.BROKER,
    name: String(brokers[0]?.nodeId ?? 0),
    configNames: ["default.replication.factor"],
  };
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [query],
    });
    return Number(resources[0]?.configEntries[0]?.configValue ?? 1);
  } catch (error) {
    if (error instanceof Error && refusals.has(error.name)) return 1;
    throw error;
  }
}

/** The errors of kafkajs for a broker's final answer; a broker that is unreachable has another. */
const refusals = new Set(["KafkaJSProtocolError", "KafkaJSNonRetriableError"]);
