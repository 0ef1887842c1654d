/** Topics of the brokers and of the schema registry: a record of another program would break them. */
const INTERNAL =
  /^(__(consumer_offsets|transaction_state|share_group_state|cluster_metadata|remote_log_metadata)|_schemas)$/;

/** Kafka's longest topic name, in characters. */
export const LONGEST_TOPIC = 249;
/** The topic names that Kafka allows. */
export const LEGAL_TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** The journal of exactly-once delivery; always compacted. */
export const JOURNAL_TOPIC = "sell-kafka.journal";
/** The topic of markers of complete drains, unless the configuration names another. */
export const DEFAULT_MARKERS_TOPIC = "sell-kafka.markers";
/** Earlier versions divided its partitions among the instances of a group; it never holds a record. */
export const CLUSTER_TOPIC = "sell-kafka.cluster";

/** The program's internal topics: they hold neither records nor dead letters. */
export const ownTopics: readonly string[] = [JOURNAL_TOPIC, CLUSTER_TOPIC];

export function isInternalTopic(topic: string): boolean {
  return INTERNAL.test(topic);
}

/** The name of a topic in Kafka's metrics, where `.` and `_` are the same: Kafka refuses a second topic with it. */
export function metricName(topic: string): string {
  return topic.replaceAll(".", "_");
}

/** Whether Kafka refuses two topics beside each other. */
export function collide(one: string, other: string): boolean {
  return metricName(one) === metricName(other);
}
