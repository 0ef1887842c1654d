import { errorChain } from "../../lib/error-chain.ts";
import { memberOf } from "../../lib/foreign-members.ts";
import { isInternalTopic } from "../../lib/kafka-topics.ts";
import { errorTypeOf } from "./error-type.ts";

const LONGEST_TOPIC = 249;

const coordinators =
  "no broker coordinates it: Kafka creates __transaction_state and __consumer_offsets only once as many brokers run as transaction.state.log.replication.factor and offsets.topic.replication.factor say (3 by default), and needs transaction.state.log.min.isr of them in sync; start the missing brokers, or lower these settings on a smaller cluster";

const byType: Readonly<Record<string, (error: unknown) => string>> = {
  GROUP_COORDINATOR_NOT_AVAILABLE: () => coordinators,
  GROUP_AUTHORIZATION_FAILED: () =>
    "allow the principal Read on this consumer group",
  INCONSISTENT_GROUP_PROTOCOL: () =>
    "the group has members of another kind, such as instances of an earlier version of sell-kafka, or consumers; stop them, or choose another name for the group",
  GROUP_MAX_SIZE_REACHED: () =>
    "the group has as many members as group.max.size of the brokers allows",
  INVALID_TIMESTAMP: () =>
    `records carry this machine's time, ${new Date().toISOString()}; compare it with the brokers', and look at the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms`,
  UNSUPPORTED_COMPRESSION_TYPE: () =>
    "set kafka.compression to one that these brokers know",
  UNSUPPORTED_FOR_MESSAGE_FORMAT: () =>
    "the topic has a message format from before Kafka 0.11; raise its message.format.version",
  POLICY_VIOLATION: () =>
    "a policy of the cluster forbids it; ask who administers it what is allowed",
  INVALID_TOPIC_EXCEPTION: (error) => nameAdvice(topicOf(error)),
  INVALID_CONFIG: () =>
    "one of the settings for new topics is unknown to the brokers or has a value that they don't take; check topics.config",
  INVALID_REPLICATION_FACTOR: () =>
    "there are fewer brokers than replicas; start the missing ones, or lower topics.replicationFactor",
  INVALID_PARTITIONS: () => "check topics.partitions",
  OPERATION_NOT_ATTEMPTED: () =>
    "another topic of the same transaction can't be written",
  UNKNOWN_TOPIC_OR_PARTITION: () =>
    "the topic does not exist, was deleted, or is hidden from the connector's principal, which needs Describe on it",
};

/** Returns why Kafka does not allow the name of a topic, as far as the name shows it. */
function nameAdvice(topic: string | null): string {
  if (topic === null)
    return `the topic is Kafka's own, or its name is not allowed: longer than ${LONGEST_TOPIC} characters, with others than A-Z a-z 0-9 . _ -, or like another topic's but for . and _`;
  if (topic.length > LONGEST_TOPIC)
    return `the name has ${topic.length} characters, and Kafka allows ${LONGEST_TOPIC}; shorten topics.pattern`;
  if (!/^[A-Za-z0-9._-]+$/.test(topic) || topic === "." || topic === "..")
    return "Kafka allows only A-Z a-z 0-9 . _ - in a name, and neither . nor .. alone; check topics.pattern";
  if (isInternalTopic(topic))
    return "the topic is Kafka's own, or the schema registry's";
  return "the name is one that Kafka does not allow: most likely there is a topic already whose name differs only in . and _";
}

/** The topic that an error names; null when it names none. */
function topicOf(error: unknown): string | null {
  for (const link of errorChain(error)) {
    const topic = memberOf(link, "topic");
    if (typeof topic === "string") return topic;
  }
  return null;
}

/** Returns the reason behind a broker's refusal and what to do; null when the error's name suffices. */
export function adviceOn(error: unknown): string | null {
  const ofType = byType[errorTypeOf(error) ?? ""]?.(error);
  if (ofType !== undefined) return ofType;
  for (const { name } of errorChain(error))
    if (name === "KafkaJSGroupCoordinatorNotFound") return coordinators;
  return null;
}
