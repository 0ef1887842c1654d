import type { Admin } from "../kafka/client/kafkajs.ts";
import {
  createTopics,
  type NewTopics,
} from "../publish/topics/topic-creation.ts";
import { forgetsRecords } from "./check-topic-settings.ts";
import { failed, ok, warning, type Finding } from "./finding.ts";

/** The topics that a run needs, and how it would create them. */
export interface NeededTopics extends NewTopics {
  readonly create: boolean;
  /** A target topic that does not exist yet, or the only target. */
  readonly newTopic: string;
  readonly isExactlyOnce: boolean;
}

/** A topic, and what to report of it. */
interface NeededTopic {
  readonly topic: string;
  readonly what: string;
  readonly exists: string;
  /** What it means that the topic is missing while none may be created. */
  readonly uncreated: Finding;
}

/** Checks whether the brokers would create the missing topics as a run asks for them. Creates none. */
export async function checkTopicCreation(
  admin: Admin,
  needs: NeededTopics,
  existing: readonly string[],
): Promise<Finding[]> {
  const { create, newTopic } = needs;
  const needed = neededTopicsOf(needs);
  const missing = needed
    .map(({ topic }) => topic)
    .filter((topic) => !existing.includes(topic));
  const faults =
    create && missing.length > 0
      ? await createTopics(admin, missing, needs, true)
      : new Map<string, Error>();
  const findings = needed.map(({ topic, what, exists, uncreated }) => {
    if (existing.includes(topic)) return ok(what, exists);
    if (!create) return uncreated;
    const fault = faults.get(topic);
    if (fault === undefined)
      return ok(what, "can be created, with the settings of the configuration");
    return topic === needs.markersTopic
      ? warning(
          what,
          `${fault.message}; until then complete drains are not marked`,
        )
      : failed(what, fault.message);
  });
  const isNewCreated = create && missing.includes(newTopic);
  return [...findings, ...(isNewCreated ? checkNewSettings(needs) : [])];
}

function neededTopicsOf(needs: NeededTopics): NeededTopic[] {
  const { newTopic, deadLetterTopic, journalTopic, markersTopic } = needs;
  const ofDeadLetters = `dead-letter topic ${deadLetterTopic}`;
  const ofJournal = `journal topic ${journalTopic}`;
  const topics: NeededTopic[] = [
    {
      topic: newTopic,
      what: "new topics",
      exists: `${newTopic} exists`,
      uncreated: ok(
        "new topics",
        "are yours to create, since topics.create is false; the types without a topic wait until then",
      ),
    },
    {
      topic: deadLetterTopic,
      what: ofDeadLetters,
      exists: "exists",
      uncreated: warning(
        ofDeadLetters,
        "does not exist, and topics.create is false: a record that can't be published would be deferred for ever. Create it with cleanup.policy=delete, retention.ms=-1 and retention.bytes=-1, or set topics.create to true",
      ),
    },
  ];
  if (needs.isExactlyOnce)
    topics.push({
      topic: journalTopic,
      what: ofJournal,
      exists: "exists",
      uncreated: failed(
        ofJournal,
        "does not exist, and topics.create is false: nothing can be published exactly once. Create it with cleanup.policy=compact, or set topics.create to true",
      ),
    });
  if (markersTopic !== null)
    topics.push({
      topic: markersTopic,
      what: `marker topic ${markersTopic}`,
      exists: "exists",
      uncreated: warning(
        `marker topic ${markersTopic}`,
        "does not exist, and topics.create is false: complete drains are not marked. Create it with cleanup.policy=delete, retention.ms=-1 and retention.bytes=-1, set topics.create to true, or set topics.markers to null",
      ),
    });
  return topics;
}

/** Checks that new topics, with the settings of the configuration, keep their records. */
function checkNewSettings({ config }: NeededTopics): Finding[] {
  if (!forgetsRecords(new Map(Object.entries(config)))) return [];
  const has = ["cleanup.policy", "retention.ms", "retention.bytes"]
    .map((key) => `${key}=${config[key] ?? "(the brokers' default)"}`)
    .join(", ");
  return [
    warning(
      "topics.config",
      `gives new topics ${has}: unless the brokers' defaults keep records for ever, they are forgotten, and what Kafka deletes Sell does not send again. Set cleanup.policy to compact, or retention.ms and retention.bytes to -1`,
    ),
  ];
}
