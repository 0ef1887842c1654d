import type { Admin, ITopicConfig, Kafka, Message } from "kafkajs";
import { expect, inject } from "vitest";
import { withAdmin } from "../../../src/kafka/client/connection.ts";
import { kafkaAt, readTopicsAt, type Consumed } from "./read-topics.ts";

const never = new AbortController().signal;

/** The servers that the tests run against; tests that need them are skipped without. */
export const servers = inject("servers");

export function testKafka(): Kafka {
  return kafkaAt(brokers());
}

export function brokers(): readonly string[] {
  return servers?.brokers ?? [];
}

/**
 * Creates topics, and waits until the leader of each partition answers: kafkajs's own wait fails
 * while the broker does not know a topic, and a broker names a leader before that one takes records.
 */
export async function createTopics(
  topics: ITopicConfig[],
  kafka = testKafka(),
): Promise<void> {
  await withAdmin(kafka, never, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false });
    for (const { topic } of topics)
      await expect
        .poll(() => answers(admin, topic), { timeout: 30_000 })
        .toBe(true);
  });
}

/** Writes records as another program, each once: a repeated request of an idempotent producer adds nothing. */
export async function writeRecords(
  topic: string,
  messages: readonly Message[],
  kafka = testKafka(),
): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  await producer.send({ topic, messages: [...messages] });
  await producer.disconnect();
}

export async function countPartitions(topic: string): Promise<number> {
  return withAdmin(testKafka(), never, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  });
}

/** Whether each partition has a leader that lists its offsets. */
async function answers(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicOffsets(topic);
    return true;
  } catch {
    return false;
  }
}

/** Everything in the topics that a predicate chooses, up to now, in the order of each partition. */
export function readTopics(
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  return readTopicsAt(brokers(), isWanted);
}
