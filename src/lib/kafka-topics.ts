/** Topics of the brokers themselves, and of the registry beside them: a record of ours would break them. */
const INTERNAL =
  /^(__(consumer_offsets|transaction_state|share_group_state|cluster_metadata|remote_log_metadata)|_schemas)$/;

/** Kafka's longest topic name, in characters. */
export const LONGEST_TOPIC = 249;
/** What Kafka allows for a topic's name. */
export const LEGAL_TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** The journal of exactly-once delivery; always compacted. */
export const JOURNAL_TOPIC = "sell-kafka.journal";
/** The instances of a group share out its partitions; it never holds a record. */
export const CLUSTER_TOPIC = "sell-kafka.cluster";

/** The program's topics that hold neither records nor dead letters. */
export const ownTopics: readonly string[] = [JOURNAL_TOPIC, CLUSTER_TOPIC];

export function isInternalTopic(topic: string): boolean {
  return INTERNAL.test(topic);
}

/** Kafka allows no two topics whose names become one another in its metrics. */
export function collide(one: string, other: string): boolean {
  return one.replaceAll(".", "_") === other.replaceAll(".", "_");
}
