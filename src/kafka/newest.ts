import { randomUUID } from "node:crypto";
import type { Admin, Kafka, KafkaMessage } from "kafkajs";
import { abortable } from "../pipeline/abortable.ts";

const PATIENCE_MS = 10_000;

/**
 * The last record of every partition of these topics, under a consumer group of its own that
 * commits nothing. Rejects when the principal may not read them, or after ten seconds: the last
 * offset of a partition may hold a transaction's marker, or have been compacted away.
 */
export async function newestRecords(
  kafka: Kafka,
  admin: Admin,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<{ topic: string; message: KafkaMessage }[]> {
  const ends = await endsOf(admin, topics);
  if (ends.length === 0) return [];
  const missing = new Set(ends.map(placeOf));
  const found: { topic: string; message: KafkaMessage }[] = [];
  const consumer = kafka.consumer({
    groupId: `sell-kafka.check-${randomUUID()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 100,
  });
  const done = Promise.withResolvers<undefined>();
  done.promise.catch(() => undefined);
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) done.reject(payload.error);
  });
  // While the group's coordinator is loading, joining takes several attempts.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const end of ends) consumer.seek(end);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics] });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        if (missing.delete(placeOf({ topic, partition })))
          found.push({ topic, message });
        if (missing.size === 0) done.resolve(undefined);
        return Promise.resolve();
      },
    });
    const patience = AbortSignal.timeout(PATIENCE_MS);
    await abortable(done.promise, AbortSignal.any([signal, patience]));
    return found;
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

interface End {
  readonly topic: string;
  readonly partition: number;
  /** Of the last record. */
  readonly offset: string;
}

async function endsOf(
  admin: Admin,
  topics: readonly string[],
): Promise<readonly End[]> {
  const ends: End[] = [];
  for (const topic of topics)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (BigInt(high) > BigInt(low))
        ends.push({ topic, partition, offset: String(BigInt(high) - 1n) });
  return ends;
}

function placeOf({ topic, partition }: Pick<End, "topic" | "partition">) {
  return `${topic} ${partition}`;
}
