import type { Admin, ITopicConfig, Kafka } from "kafkajs";
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
 * Creates topics, and waits until each of their partitions has a leader. kafkajs's own wait fails
 * when the broker does not know a new topic for a moment.
 */
export async function createTopics(
  topics: ITopicConfig[],
  kafka = testKafka(),
): Promise<void> {
  const names = topics.map(({ topic }) => topic);
  await withAdmin(kafka, never, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false });
    await expect
      .poll(() => withoutLeader(admin, names), { timeout: 30_000 })
      .toEqual([]);
  });
}

export async function countPartitions(topic: string): Promise<number> {
  return withAdmin(testKafka(), never, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  });
}

async function withoutLeader(
  admin: Admin,
  topics: string[],
): Promise<string[]> {
  const metadata = await admin.fetchTopicMetadata({ topics });
  return metadata.topics
    .filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
    .map(({ name }) => name);
}

/** Everything in the topics that a predicate chooses, up to now, in the order of each partition. */
export function readTopics(
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  return readTopicsAt(brokers(), isWanted);
}
