import type { Kafka } from "../kafka/client/kafkajs.ts";
import { withAdmin } from "../kafka/client/connection.ts";
import { systemClock } from "../lib/clock.ts";
import { checkJournal } from "./check-journal.ts";
import { checkOtherConnectors } from "./check-other-connectors.ts";
import {
  checkIdempotentProducer,
  checkTransactions,
} from "./check-producer.ts";
import {
  checkTopicCreation,
  type NeededTopics,
} from "./check-topic-creation.ts";
import {
  checkTopicRights,
  type NeededRights,
  type TopicRights,
} from "./check-topic-rights.ts";
import { checkTopicSettings } from "./check-topic-settings.ts";
import { failed, ok, someOf, type Finding } from "./finding.ts";

/** What a connector needs of the topics of a cluster. */
export interface TopicNeeds extends NeededTopics {
  readonly kafka: Kafka;
  readonly connectorName: string;
  /** Null for a connector without a device UUID: it has no entries in the journal. */
  readonly device: string | null;
  /** Whether records go to a topic of that name. */
  readonly isTarget: (topic: string) => boolean;
  /** A name that no topic has. */
  readonly unknownTopic: string;
}

/** Checks the topics that records would go to, and what may be done with them. Changes nothing. */
export async function checkTopics(
  needs: TopicNeeds,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kafka, create, connectorName, isExactlyOnce } = needs;
  const connection = { kafka, clock: systemClock };
  return withAdmin(kafka, signal, async (admin) => {
    const existing = await admin.listTopics();
    const targets = existing.filter(needs.isTarget).sort();
    // At the same time: two of these checks may have to wait for the end of a transaction.
    const findings = await Promise.all([
      checkTopicSettings(admin, needs, existing, targets),
      checkOtherConnectors(connection, connectorName, targets, signal),
      checkTopicCreation(admin, needs, existing),
      checkTopicRights(kafka, neededRights(needs, targets), signal),
      ...(isExactlyOnce
        ? [
            checkJournal(connection, needs, targets, signal),
            checkTransactions(
              kafka,
              `sell-kafka.${connectorName}`,
              needs.unknownTopic,
              signal,
            ),
          ]
        : [checkIdempotentProducer(kafka)]),
    ]);
    return [checkExistence(targets, create), ...findings.flat()];
  });
}

function checkExistence(targets: readonly string[], create: boolean): Finding {
  const what = "topics";
  if (targets.length > 0)
    return ok(what, `${targets.length} exist: ${someOf(targets)}`);
  return create
    ? ok(what, "none of the target topics exists yet")
    : failed(
        what,
        "none of the target topics exists, and topics.create is false: every record would be deferred. Create them with cleanup.policy=compact, or set topics.create to true",
      );
}

function neededRights(
  { deadLetterTopic, journalTopic, markersTopic, isExactlyOnce }: TopicNeeds,
  targets: readonly string[],
): NeededRights {
  const rights = new Map<string, TopicRights>();
  for (const topic of [...targets, deadLetterTopic])
    rights.set(topic, { operations: ["write"], status: "failed" });
  const both = ["read", "write"] as const;
  if (isExactlyOnce)
    rights.set(journalTopic, { operations: both, status: "failed" });
  if (markersTopic !== null)
    rights.set(markersTopic, { operations: both, status: "warning" });
  return rights;
}
