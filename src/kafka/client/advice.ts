import { chainOf, errorTypeOf } from "./error-chain.ts";

const coordinators =
  "no broker coordinates it: Kafka creates __transaction_state and __consumer_offsets only once as many brokers run as transaction.state.log.replication.factor and offsets.topic.replication.factor say (3 by default), and needs transaction.state.log.min.isr of them in sync; start the missing brokers, or lower these settings on a smaller cluster";

const byType: Readonly<Record<string, () => string>> = {
  GROUP_COORDINATOR_NOT_AVAILABLE: () => coordinators,
  INVALID_TIMESTAMP: () =>
    `records carry this machine's time, ${new Date().toISOString()}; compare it with the brokers', and look at the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms`,
  UNSUPPORTED_COMPRESSION_TYPE: () =>
    "set kafka.compression to one that these brokers know",
  UNSUPPORTED_FOR_MESSAGE_FORMAT: () =>
    "the topic has a message format from before Kafka 0.11; raise its message.format.version",
  POLICY_VIOLATION: () =>
    "a policy of the cluster forbids it; ask who administers it what is allowed",
  INVALID_TOPIC_EXCEPTION: () =>
    "the topic is Kafka's own, or has a name that Kafka does not allow",
  OPERATION_NOT_ATTEMPTED: () =>
    "another topic of the same transaction can't be written",
  UNKNOWN_TOPIC_OR_PARTITION: () =>
    "the topic does not exist, was deleted, or is hidden from the connector's principal, which needs Describe on it",
};

/** What is behind a broker's refusal and what to do; null when its name says it all. */
export function adviceOn(error: unknown): string | null {
  for (const { name } of chainOf(error))
    if (name === "KafkaJSGroupCoordinatorNotFound") return coordinators;
  return byType[errorTypeOf(error) ?? ""]?.() ?? null;
}
