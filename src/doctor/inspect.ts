import {
  ConfigResourceTypes,
  type Admin,
  type Kafka,
} from "../kafka/client/kafkajs.ts";
import { systemClock } from "../lib/clock.ts";
import type { Operation } from "./authorized-operations.ts";
import { withAdmin } from "../kafka/client/connection.ts";
import { creationFindings, type Wanted } from "./creation-findings.ts";
import { allowance, errorTypeOf, reasonOf } from "../kafka/client/errors.ts";
import { journalFindings } from "./journal-findings.ts";
import { readNewest } from "../kafka/read/read-newest.ts";
import { headerOf } from "../kafka/read/partition-reader.ts";
import { loadRanges } from "../kafka/read/read-ranges.ts";
import { producerFindings, topicRights } from "./rights-findings.ts";
import {
  deadLetterTroubles,
  grouped,
  journalTroubles,
  someOf,
  targetTroubles,
  warning,
  type Finding,
  type TopicSettings,
} from "./topic-findings.ts";
import { transactionFinding } from "./transaction-rights.ts";

export interface Inspection extends Wanted {
  readonly kafka: Kafka;
  readonly connectorName: string;
  /** Null when the connector has none, and so no journal. */
  readonly device: string | null;
  /** Whether a topic of that name is one that records go to. */
  readonly isTarget: (topic: string) => boolean;
  /** A name that no topic has. */
  readonly unknownTopic: string;
}

/** Looks at the topics that records would go to, and at what may be done with them. Changes nothing. */
export async function inspectTopics(
  options: Inspection,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kafka, isTarget, deadLetterTopic, journalTopic } = options;
  const { isExactlyOnce, create } = options;
  return withAdmin(kafka, signal, async (admin) => {
    const existing = await admin.listTopics();
    const targets = existing.filter(isTarget).sort();
    const own = [deadLetterTopic, journalTopic].filter((topic) =>
      existing.includes(topic),
    );
    const needed = new Map<string, readonly Operation[]>([
      ...[...targets, deadLetterTopic].map(
        (topic) => [topic, ["write"]] as const,
      ),
      ...(isExactlyOnce ? [[journalTopic, ["read", "write"]] as const] : []),
    ]);
    // Two of them may wait for the end of somebody's transaction.
    const findings = await Promise.all([
      settingFindings(admin, options, [...targets, ...own]),
      neighbours(options, targets, signal),
      creationFindings(admin, options, existing),
      topicRights(kafka, needed, signal),
      isExactlyOnce
        ? exactlyOnceFindings(options, targets, signal)
        : producerFindings(kafka),
    ]);
    return [existingTopics(targets, create), ...findings.flat()];
  });
}

async function exactlyOnceFindings(
  options: Inspection,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kafka, connectorName, device, unknownTopic } = options;
  const transactionalId = `sell-kafka.${connectorName}`;
  const connection = { kafka, clock: systemClock };
  const keeper = device === null ? null : { ...options, device };
  const [ofJournal, ofTransactions] = await Promise.all([
    keeper === null ? [] : journalFindings(connection, keeper, targets, signal),
    transactionFinding(kafka, transactionalId, unknownTopic, signal),
  ]);
  return [...ofJournal, ofTransactions];
}

function existingTopics(targets: readonly string[], create: boolean): Finding {
  const what = "topics";
  if (targets.length > 0)
    return {
      status: "ok",
      what,
      message: `${targets.length} exist: ${someOf(targets)}`,
    };
  return create
    ? { status: "ok", what, message: "none of the target topics exists yet" }
    : {
        status: "failed",
        what,
        message:
          "none of the target topics exists, and topics.create is false: every record would be deferred. Create them with cleanup.policy=compact, or set topics.create to true",
      };
}

async function settingFindings(
  admin: Admin,
  { deadLetterTopic, journalTopic }: Inspection,
  topics: readonly string[],
): Promise<Finding[]> {
  try {
    const settings = await settingsOf(admin, topics);
    return grouped(
      settings.flatMap((topic) => {
        if (topic.name === deadLetterTopic) return deadLetterTroubles(topic);
        if (topic.name === journalTopic) return journalTroubles(topic);
        return targetTroubles(topic);
      }),
    );
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
      type: ConfigResourceTypes.TOPIC,
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
    const ranges = await loadRanges(
      connection,
      (one) => wanted.has(one),
      within,
    );
    const newest = await readNewest(
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
    return grouped(
      [...names].map(([topic, name]) =>
        warning(
          topic,
          `was last written to by the connector ${name}`,
          ". Connectors of different accounts must not share topics: their record ids overlap. Give each its own topics.pattern, such as {name}.{type}",
        ),
      ),
    );
  } catch (error) {
    signal.throwIfAborted();
    return [
      {
        status: "warning",
        what: "other connectors",
        message: `were not looked for in the target topics: ${reasonOf(error)}${allowance(error, "Read")}`,
      },
    ];
  }
}
