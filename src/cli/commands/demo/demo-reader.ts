import { randomUUID } from "node:crypto";
import type {
  Consumer,
  Kafka,
  KafkaMessage,
} from "../../../kafka/client/kafkajs.ts";
import type { ReadRecord } from "./tally.ts";

export interface DemoReaderOptions {
  readonly kafka: Kafka;
  /** The topic pattern, in which `{type}` stands for any type. */
  readonly topics: string;
  /** Told of each record, and whether it was there before the reader. */
  readonly take: (record: ReadRecord, isBacklog: boolean) => void;
}

/** An ordinary consumer, which reads every topic from its beginning. */
export class DemoReader implements AsyncDisposable {
  readonly #consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async start({
    kafka,
    topics,
    take,
  }: DemoReaderOptions): Promise<DemoReader> {
    const consumer = kafka.consumer({
      groupId: `sell-kafka-demo-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 200,
    });
    const startedMs = Date.now();
    await consumer.connect();
    const [before = "", after = ""] = topics.split("{type}").map(escaped);
    await consumer.subscribe({
      topics: [new RegExp(`^${before}[^.]*${after}$`)],
      fromBeginning: true,
    });
    await consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        const isBacklog = Number(message.timestamp) < startedMs;
        take(toRecord(topic, partition, message), isBacklog);
        return Promise.resolve();
      },
    });
    return new DemoReader(consumer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect();
  }
}

function toRecord(
  topic: string,
  partition: number,
  { key, value, headers, offset }: KafkaMessage,
): ReadRecord {
  return {
    topic,
    place: `${topic}[${partition}]@${offset}`,
    key: key?.toString("utf8") ?? "",
    text: value?.toString("utf8") ?? null,
    ackKey: String(headers?.["sell.ack_key"]),
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
