import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Consumer, Kafka, KafkaMessage } from "../kafka/client/kafkajs.ts";
import { printable, printableLines } from "../security/printable.ts";
import type { Output } from "./context.ts";

export interface DemoReaderOptions {
  readonly kafka: Kafka;
  /** The topic pattern, `{type}` standing for any type. */
  readonly topics: string;
  /** Null to show nothing of what is read. */
  readonly output: Output | null;
}

/** What was read so far. */
export interface ReadSoFar {
  /** Distinct changes, by their acknowledgement keys. */
  readonly changes: number;
  /** Keys whose newest change is no deletion. */
  readonly live: number;
}

const SHOWN_OF_BACKLOG = 8;
const HEADING = `\n${"topic[partition]@offset".padEnd(34)} ${"key".padEnd(11)} ${"change".padEnd(9)} record (cut)`;

/** A consumer like any other: reads every topic from its beginning, and shows what it gets. */
export class DemoReader implements AsyncDisposable {
  readonly #consumer: Consumer;
  readonly #output: Output | null;
  readonly #startedMs = Date.now();
  readonly #ackKeys = new Set<string>();
  readonly #live = new Set<string>();
  #shown = 0;
  #hasShownOne = false;
  #skipped = 0;

  private constructor(consumer: Consumer, output: Output | null) {
    this.#consumer = consumer;
    this.#output = output;
  }

  static async start({
    kafka,
    topics,
    output,
  }: DemoReaderOptions): Promise<DemoReader> {
    const consumer = kafka.consumer({
      groupId: `sell-kafka-demo-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 200,
    });
    const reader = new DemoReader(consumer, output);
    await consumer.connect();
    const [before = "", after = ""] = topics.split("{type}").map(escaped);
    await consumer.subscribe({
      topics: [new RegExp(`^${before}[^.]*${after}$`)],
      fromBeginning: true,
    });
    await consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        reader.#take(topic, partition, message);
        return Promise.resolve();
      },
    });
    return reader;
  }

  /** Waits until that many distinct changes were read, or the time is up. */
  async upTo(changes: number, withinMs: number): Promise<ReadSoFar> {
    const signal = AbortSignal.timeout(withinMs);
    while (!signal.aborted && this.#ackKeys.size < changes) await delay(50);
    this.#tellSkipped();
    return { changes: this.#ackKeys.size, live: this.#live.size };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect();
  }

  #take(topic: string, partition: number, message: KafkaMessage): void {
    const key = message.key?.toString("utf8") ?? "";
    const record = `${topic} ${key}`;
    const text = message.value?.toString("utf8") ?? null;
    this.#ackKeys.add(String(message.headers?.["sell.ack_key"]));
    const what = text === null ? "tombstone" : whatOf(text);
    if (text === null || what === "deleted") this.#live.delete(record);
    else this.#live.add(record);

    const isBacklog = Number(message.timestamp) < this.#startedMs;
    if (isBacklog && this.#shown >= SHOWN_OF_BACKLOG) {
      this.#skipped++;
      return;
    }
    this.#tellSkipped();
    if (this.#shown++ === 0) this.#say(HEADING);
    const place = `${topic}[${partition}]@${message.offset}`;
    this.#say(
      printable(
        `${place.padEnd(34)} ${key.padEnd(11)} ${what.padEnd(9)} ${rowOf(text).slice(0, 100)}`,
      ),
    );
    if (text !== null && !this.#hasShownOne && /^\d+$/.test(key)) {
      this.#hasShownOne = true;
      this.#say(`\nThe value of that record in full:\n${pretty(text)}\n`);
    }
  }

  #tellSkipped(): void {
    if (this.#skipped > 0)
      this.#say(`... and ${this.#skipped} more that were there before`);
    this.#skipped = 0;
  }

  #say(line: string): void {
    this.#output?.write(`${printableLines(line)}\n`);
  }
}

const changes = { c: "created", u: "updated", d: "deleted" };

function whatOf(text: string): string {
  const { op } = JSON.parse(text) as { op: keyof typeof changes };
  return changes[op];
}

const envelope =
  /^\{"before":(?:null,"after":)?(?<row>.*?)(?:,"after":null)?,"source":\{/s;

/** The text of `after`, or of `before` where that is null. */
function rowOf(text: string | null): string {
  return envelope.exec(text ?? "")?.groups?.["row"] ?? "";
}

function pretty(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
