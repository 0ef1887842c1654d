import type { ITopicConfig, Kafka } from "kafkajs";
import { expect, inject } from "vitest";
import { kafkaAt, readTopicsAt, type Consumed } from "./read-topics.ts";

/** The servers that the tests run against; tests that need them are skipped without. */
export const servers = inject("servers");

export function testKafka(): Kafka {
  return kafkaAt(brokers());
}

export function brokers(): readonly string[] {
  return servers?.brokers ?? [];
}

/** Creates topics, and waits until the broker lists them: it may not know a new one for a moment. */
export async function createTopics(topics: ITopicConfig[]): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  await expect
    .poll(() => admin.listTopics())
    .toEqual(expect.arrayContaining(names));
  await admin.disconnect();
}

/** Everything in the topics that a predicate chooses, up to now, in the order of each partition. */
export function readTopics(
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  return readTopicsAt(brokers(), isWanted);
}
