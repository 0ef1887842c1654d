/** Topics of the brokers themselves, and of the registry beside them: a record of ours would break them. */
const INTERNAL =
  /^(__(consumer_offsets|transaction_state|share_group_state|cluster_metadata|remote_log_metadata)|_schemas)$/;

export function isInternalTopic(topic: string): boolean {
  return INTERNAL.test(topic);
}

/** Kafka allows no two topics whose names become one another in its metrics. */
export function collide(one: string, other: string): boolean {
  return one.replaceAll(".", "_") === other.replaceAll(".", "_");
}
