import type { Admin } from "../kafka/client/kafkajs.ts";
import { createTopics, type NewTopics } from "../publish/topic-creation.ts";
import { forgetsRecords, type Finding } from "./topic-findings.ts";

export interface Wanted extends NewTopics {
  readonly create: boolean;
  /** A target topic that does not exist yet, or the only one that there is. */
  readonly newTopic: string;
  readonly isExactlyOnce: boolean;
}

/** Asks the brokers whether the topics that a run would miss could be made as it makes them, without making any. */
export async function creationFindings(
  admin: Admin,
  options: Wanted,
  existing: readonly string[],
): Promise<Finding[]> {
  const { create, newTopic, deadLetterTopic, journalTopic } = options;
  const named = [
    { topic: newTopic, what: "new topics" },
    { topic: deadLetterTopic, what: `dead-letter topic ${deadLetterTopic}` },
    ...(options.isExactlyOnce
      ? [{ topic: journalTopic, what: `journal topic ${journalTopic}` }]
      : []),
  ];
  const missing = named.filter(({ topic }) => !existing.includes(topic));
  const faults =
    create && missing.length > 0
      ? await createTopics(
          admin,
          missing.map(({ topic }) => topic),
          options,
          true,
        )
      : new Map<string, Error>();
  const findings = named.map(({ topic, what }): Finding => {
    if (existing.includes(topic))
      return {
        status: "ok",
        what,
        message: what.includes(topic) ? "exists" : `${topic} exists`,
      };
    if (!create) return { what, ...uncreated(topic, options) };
    const fault = faults.get(topic);
    return fault === undefined
      ? {
          status: "ok",
          what,
          message: "can be created, with the settings of the configuration",
        }
      : { status: "failed", what, message: fault.message };
  });
  const isNewMade = create && !existing.includes(newTopic);
  return [...findings, ...(isNewMade ? retentionFindings(options) : [])];
}

/** Whether the settings of new topics let them forget records. */
function retentionFindings({ config }: Wanted): Finding[] {
  if (!forgetsRecords({ settings: new Map(Object.entries(config)) })) return [];
  const has = ["cleanup.policy", "retention.ms", "retention.bytes"]
    .map((key) => `${key}=${config[key] ?? "(the brokers' default)"}`)
    .join(", ");
  return [
    {
      status: "warning",
      what: "topics.config",
      message: `gives new topics ${has}: unless the brokers' defaults keep records for ever, they are forgotten, and what Kafka deletes Sell does not send again. Set cleanup.policy to compact, or retention.ms and retention.bytes to -1`,
    },
  ];
}

/** What a topic that is missing means when none may be created. */
function uncreated(
  topic: string,
  { newTopic, journalTopic }: Wanted,
): Pick<Finding, "status" | "message"> {
  if (topic === newTopic)
    return {
      status: "ok",
      message: "are not made by sell-kafka (topics.create is false)",
    };
  const isJournal = topic === journalTopic;
  return {
    status: isJournal ? "failed" : "warning",
    message: isJournal
      ? "does not exist, and topics.create is false: nothing can be published exactly once. Create it with cleanup.policy=compact, or set topics.create to true"
      : "does not exist, and topics.create is false: a record that can't be published would be deferred for ever. Create it with cleanup.policy=delete, retention.ms=-1 and retention.bytes=-1, or set topics.create to true",
  };
}
