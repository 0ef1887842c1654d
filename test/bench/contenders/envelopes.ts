import kafkajs, { type Message } from "kafkajs";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import type { Item } from "../../../src/domain/change.ts";
import { systemClock } from "../../../src/lib/clock.ts";

const encoder = createEncoder({
  envelope: "change",
  value: "json",
  tombstones: true,
  registry: null,
  autoRegister: true,
  topicPerType: true,
  origin: { version: "1.0.0", connectorName: "bench", device: "bench" },
  clock: systemClock,
});

/** A record for kafkajs, and where it goes. */
export interface Envelope {
  readonly topic: string;
  readonly message: Message;
}

/** The records that sell-kafka sends for what it fetched: the same keys, values and headers. */
export function envelopesOf(items: readonly Item[]): Envelope[] {
  return items.flatMap((item) => {
    if (item.kind !== "change") return [];
    const topic = `bench.${item.type}`;
    return encoder.encode(item, topic).map(({ value, headers }) => ({
      topic,
      message: { key: item.recordKey, value, headers },
    }));
  });
}

/** Sends them in one `sendBatch`, confirmed by all in-sync replicas. */
export async function sendAll(
  producer: kafkajs.Producer,
  envelopes: readonly Envelope[],
): Promise<void> {
  const topics = Map.groupBy(envelopes, ({ topic }) => topic);
  await producer.sendBatch({
    acks: -1,
    compression: kafkajs.CompressionTypes.GZIP,
    topicMessages: [...topics].map(([topic, ofTopic]) => ({
      topic,
      messages: ofTopic.map(({ message }) => message),
    })),
  });
}
