import kafkajs, { type Admin, type Kafka } from "kafkajs";
import { withAdmin } from "./connection.ts";
import { errorTypeOf, reasonOf } from "./errors.ts";
import { systemClock } from "../pipeline/clock.ts";
import { newestIn } from "./newest-in.ts";
import { headerOf } from "./partition-reader.ts";
import { rangesOf } from "./ranges.ts";
import {
  deadLetterFindings,
  journalFindings,
  targetFindings,
  warning,
  type Finding,
  type TopicSettings,
} from "./topic-findings.ts";

export interface Inspection {
  readonly kafka: Kafka;
  readonly connectorName: string;
  /** Whether a topic of that name is one that records go to. */
  readonly isTarget: (topic: string) => boolean;
  readonly deadLetterTopic: string;
  /** Of exactly-once delivery; looked at when it exists. */
  readonly journalTopic: string;
  readonly create: boolean;
  /** A target topic that does not exist yet. */
  readonly newTopic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** Looks at the topics that records would go to, and at what may be done with them. Changes nothing. */
export async function inspectTopics(
  options: Inspection,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kafka, isTarget, deadLetterTopic, journalTopic } = options;
  return withAdmin(kafka, signal, async (admin) => {
    const existing = await admin.listTopics();
    const targets = existing.filter(isTarget).sort();
    const findings: Finding[] = [
      { status: "ok", what: "topics", message: existingText(targets) },
    ];
    const own = [deadLetterTopic, journalTopic].filter((topic) =>
      existing.includes(topic),
    );
    findings.push(
      ...(await settingFindings(admin, options, [...targets, ...own])),
    );
    findings.push(...(await neighbours(options, targets, signal)));
    findings.push(await creation(admin, options));
    findings.push(await writing(kafka));
    return findings;
  });
}

async function settingFindings(
  admin: Admin,
  { deadLetterTopic, journalTopic }: Inspection,
  topics: readonly string[],
): Promise<Finding[]> {
  try {
    const settings = await settingsOf(admin, topics);
    return settings.flatMap((topic) => {
      if (topic.name === deadLetterTopic) return deadLetterFindings(topic);
      if (topic.name === journalTopic) return journalFindings(topic);
      return targetFindings(topic);
    });
  } catch (error) {
    if (errorTypeOf(error) !== "TOPIC_AUTHORIZATION_FAILED") throw error;
    return [
      {
        status: "warning",
        what: "topic settings",
        message:
          "can't be looked at, so topics that forget records would not be noticed; allow the principal DescribeConfigs on the topics",
      },
    ];
  }
}

async function settingsOf(
  admin: Admin,
  topics: readonly string[],
): Promise<TopicSettings[]> {
  if (topics.length === 0) return [];
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
  const replicas = new Map(
    metadata.topics.map(({ name, partitions }) => [
      name,
      partitions[0]?.replicas.length ?? 1,
    ]),
  );
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
    })),
  });
  return resources.map(({ resourceName, configEntries }) => ({
    name: resourceName,
    replicas: replicas.get(resourceName) ?? 1,
    settings: new Map(
      configEntries.map(({ configName, configValue }) => [
        configName,
        configValue,
      ]),
    ),
  }));
}

/** Somebody's open transaction may keep the end of a topic from being read. */
const NEIGHBOURS_WITHIN_MS = 10_000;
/** A record, and the marker of its transaction. */
const FIRST_STEP = 2n;

/** Other connectors that write to these topics: of another account, they would overwrite each other's records. */
async function neighbours(
  { kafka, connectorName }: Inspection,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const wanted = new Set(topics);
  try {
    const names = new Map<string, string>();
    const within = AbortSignal.any([
      signal,
      AbortSignal.timeout(NEIGHBOURS_WITHIN_MS),
    ]);
    const connection = { kafka, clock: systemClock };
    const ranges = await rangesOf(connection, (one) => wanted.has(one), within);
    const newest = await newestIn(
      connection,
      ranges,
      () => true,
      FIRST_STEP,
      within,
    );
    for (const record of newest) {
      const name = headerOf(record, "sell.connector");
      if (name !== null && name !== connectorName)
        names.set(record.topic, name);
    }
    return [...names].map(([topic, name]) =>
      warning(
        topic,
        `was last written to by the connector ${name}. Connectors of different accounts must not share topics: their record ids overlap. Give each its own topics.pattern, such as {name}.{type}`,
      ),
    );
  } catch (error) {
    signal.throwIfAborted();
    return [
      {
        status: "ok",
        what: "other connectors",
        message: `were not looked for in the target topics: ${reasonOf(error)}`,
      },
    ];
  }
}

/** Asks the brokers whether a new topic could be made, without making it. */
async function creation(
  admin: Admin,
  { create, newTopic, partitions, replicationFactor }: Inspection,
): Promise<Finding> {
  const what = "new topics";
  if (!create)
    return {
      status: "ok",
      what,
      message: "are not made by sell-kafka (topics.create is false)",
    };
  try {
    await admin.createTopics({
      validateOnly: true,
      waitForLeaders: false,
      topics: [
        { topic: newTopic, numPartitions: partitions, replicationFactor },
      ],
    });
    return { status: "ok", what, message: "can be created" };
  } catch (error) {
    const inner =
      error instanceof kafkajs.KafkaJSAggregateError ? error.errors[0] : error;
    return {
      status: "failed",
      what,
      message: `can't be created: ${reasonOf(inner)}. Allow the principal Create on the cluster or on the topics' prefix, mend topics.replicationFactor, or create the topics yourself and set topics.create to false`,
    };
  }
}

/** An idempotent producer asks for its id when it connects; nothing is written. */
async function writing(kafka: Kafka): Promise<Finding> {
  const what = "writing";
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  try {
    await producer.connect();
    return {
      status: "ok",
      what,
      message: "the brokers give an idempotent producer its id",
    };
  } catch (error) {
    const isDenied = errorTypeOf(error)?.includes("AUTHORIZATION") ?? false;
    return {
      status: "failed",
      what,
      message: `no idempotent producer: ${reasonOf(error)}.${isDenied ? " Allow the principal Write on the topics (and IdempotentWrite on the cluster before Kafka 2.8)" : ""}`,
    };
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}

function existingText(targets: readonly string[]): string {
  if (targets.length === 0) return "none of the target topics exists yet";
  const some = targets.slice(0, 5).join(", ");
  const rest = targets.length > 5 ? `, and ${targets.length - 5} more` : "";
  return `${targets.length} exist: ${some}${rest}`;
}
