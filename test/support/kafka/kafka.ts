import type { Kafka } from "kafkajs";
import { inject } from "vitest";
import { kafkaAt, readTopicsAt, type Consumed } from "./read-topics.ts";

/** The servers that the tests run against; tests that need them are skipped without. */
export const servers = inject("servers");

export function testKafka(): Kafka {
  return kafkaAt(brokers());
}

export function brokers(): readonly string[] {
  return servers?.brokers ?? [];
}

/** Everything in the topics that a predicate chooses, up to now, in the order of each partition. */
export function readTopics(
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  return readTopicsAt(brokers(), isWanted);
}
