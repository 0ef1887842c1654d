import { ConfigResourceTypes, type Admin } from "../kafka/client/kafkajs.ts";
import { errorTypeOf } from "../kafka/client/errors.ts";
import {
  groupByAdvice,
  warning,
  type Finding,
  type TopicProblem,
} from "./finding.ts";

/** The settings of one topic, as the brokers report them. */
interface Topic {
  readonly name: string;
  readonly replicas: number;
  readonly settings: Settings;
}

type Settings = ReadonlyMap<string, string>;

/** The program's own topics, whose settings differ from those of the targets. */
interface OwnTopics {
  readonly deadLetterTopic: string;
  readonly journalTopic: string;
  /** Null where none is written. */
  readonly markersTopic: string | null;
}

/** Checks that the settings of topics keep what is written to them. */
export async function checkTopicSettings(
  admin: Admin,
  { deadLetterTopic, journalTopic, markersTopic }: OwnTopics,
  existing: readonly string[],
  targets: readonly string[],
): Promise<Finding[]> {
  const markers = markersTopic === null ? [] : [markersTopic];
  const own = [deadLetterTopic, journalTopic, ...markers];
  const topics = [...targets, ...own.filter((one) => existing.includes(one))];
  try {
    const described = await describeTopics(admin, topics);
    return groupByAdvice(
      described.flatMap((topic) => {
        if (topic.name === deadLetterTopic)
          return keepingProblems(topic, "dead letters");
        if (topic.name === markersTopic)
          return keepingProblems(topic, "markers");
        if (topic.name === journalTopic) return journalProblems(topic);
        return targetProblems(topic);
      }),
    );
  } catch (error) {
    if (errorTypeOf(error) !== "TOPIC_AUTHORIZATION_FAILED") throw error;
    return [
      warning(
        "topic settings",
        "can't be looked at, so topics that forget records would not be noticed; allow the principal DescribeConfigs on the topics",
      ),
    ];
  }
}

async function describeTopics(
  admin: Admin,
  topics: readonly string[],
): Promise<Topic[]> {
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

function targetProblems(topic: Topic): TopicProblem[] {
  return [...retentionProblems(topic), ...durabilityProblems(topic)];
}

function retentionProblems({ name, settings }: Topic): TopicProblem[] {
  if (!forgetsRecords(settings)) return [];
  const policy = policyIn(settings);
  const retentionMs = settings.get("retention.ms");
  const looksAutoCreated = policy === "delete" && retentionMs === "604800000";
  return [
    problem(
      name,
      `has cleanup.policy=${policy} with retention.ms=${retentionMs ?? "?"}`,
      ` and forgets records; what Kafka deletes Sell does not send again. ${looksAutoCreated ? "It looks auto-created by a broker. " : ""}Set cleanup.policy=compact, or retention.ms=-1 and retention.bytes=-1`,
    ),
  ];
}

/** For a topic whose records never replace each other. */
function keepingProblems(topic: Topic, holds: string): TopicProblem[] {
  const { name, settings } = topic;
  const policy = policyIn(settings);
  const problems = durabilityProblems(topic);
  if (policy.includes("compact"))
    problems.push(
      problem(
        name,
        `holds ${holds} and is compacted (cleanup.policy=${policy})`,
        ": of each key only the newest stays. Set cleanup.policy=delete",
      ),
    );
  if (forgetsRecords(settings))
    problems.push(
      problem(
        name,
        `holds ${holds} and forgets them after a while`,
        ". Set retention.ms=-1 and retention.bytes=-1",
      ),
    );
  return problems;
}

function journalProblems(topic: Topic): TopicProblem[] {
  const policy = policyIn(topic.settings);
  const problems = durabilityProblems(topic);
  if (policy !== "compact")
    problems.push(
      problem(
        topic.name,
        `is the journal of exactly-once delivery and has cleanup.policy=${policy}`,
        ". Set cleanup.policy=compact",
      ),
    );
  return problems;
}

function durabilityProblems(topic: Topic): TopicProblem[] {
  const { name, replicas, settings } = topic;
  return replicas > 1 && settings.get("min.insync.replicas") === "1"
    ? [
        problem(
          name,
          `has ${replicas} replicas`,
          ", but min.insync.replicas=1: a record that one broker alone confirmed can be lost with it. Set min.insync.replicas=2",
        ),
      ]
    : [];
}

function problem(topic: string, found: string, advice: string): TopicProblem {
  return { status: "warning", topic, found, advice };
}

/** Whether Kafka deletes records that no newer record replaces. */
export function forgetsRecords(settings: Settings): boolean {
  const isBounded =
    settings.get("retention.ms") !== "-1" ||
    (settings.get("retention.bytes") ?? "-1") !== "-1";
  return policyIn(settings).includes("delete") && isBounded;
}

/** Kafka's default is `delete`. */
function policyIn(settings: Settings): string {
  return settings.get("cleanup.policy") ?? "delete";
}
