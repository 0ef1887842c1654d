import { randomUUID } from "node:crypto";
import type { Kafka } from "kafkajs";
import { connectTo } from "../../src/kafka/connection.ts";

export interface Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function kafkaAt(brokers: readonly string[]): Kafka {
  return connectTo({ brokers, clientId: "test", debug: () => undefined });
}

/** Everything in the topics that a predicate chooses, up to now, in the order of each partition. */
export async function readTopicsAt(
  brokers: readonly string[],
  isWanted: (topic: string) => boolean,
): Promise<Consumed[]> {
  const kafka = kafkaAt(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Map<string, bigint>();
  const topics: string[] = [];
  try {
    for (const topic of await admin.listTopics()) {
      if (!isWanted(topic)) continue;
      topics.push(topic);
      for (const { partition, high, low } of await admin.fetchTopicOffsets(
        topic,
      ))
        if (BigInt(high) > BigInt(low))
          missing.set(`${topic} ${partition}`, BigInt(high) - 1n);
    }
  } finally {
    await admin.disconnect();
  }
  if (missing.size === 0) return [];
  return consume(kafka, topics, missing);
}

async function consume(
  kafka: Kafka,
  topics: string[],
  missing: Map<string, bigint>,
): Promise<Consumed[]> {
  const records: Consumed[] = [];
  const consumer = kafka.consumer({
    groupId: `test-${randomUUID()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 50,
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics, fromBeginning: true });
    const done = Promise.withResolvers<undefined>();
    // Told of batches of transaction markers alone too, which no `eachBatch` sees.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, lastOffset } = payload;
      const place = `${topic} ${partition}`;
      if (BigInt(lastOffset) >= (missing.get(place) ?? -1n))
        missing.delete(place);
      if (missing.size === 0) done.resolve(undefined);
    });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        const { topic, partition, messages } = batch;
        for (const { key, value, headers, offset } of messages)
          records.push({
            topic,
            partition,
            offset,
            key: key?.toString("utf8") ?? "",
            value,
            headers: Object.fromEntries(
              Object.entries(headers ?? {}).map(([name, one]) => [
                name,
                String(one),
              ]),
            ),
          });
        return Promise.resolve();
      },
    });
    await done.promise;
  } finally {
    await consumer.disconnect();
  }
  return records;
}
