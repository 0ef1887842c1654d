import type { Kafka, Producer } from "kafkajs";
import { abortable } from "../pipeline/abortable.ts";
import { compressionTypes, type Compression } from "./compression.ts";
import { ConfirmedPartitions } from "./confirmed-partitions.ts";

/** One record, ready to be written. */
export interface KafkaRecord {
  readonly topic: string;
  /** By the key's hash when it is missing. */
  readonly partition?: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Writes records to the cluster. */
export interface Writer {
  /**
   * One attempt. Resolves once all in-sync replicas have every record; when it rejects, any
   * part of them may have been written. Batches are sent one after the other, for records that
   * are too large together. One call at a time; one that was aborted may still be under way, and
   * the next waits for it, so that nothing old lands behind something new.
   */
  write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Throws once this process may no longer write for a connector: another one may do so by then. */
export type MayWrite = () => void;

/**
 * An idempotent producer with `acks=all`, connected when it is needed. After any failed write
 * it is thrown away: kafkajs has then rolled back sequence numbers of records that the broker
 * may hold, and would have the broker take the next ones for repetitions of them.
 */
export class KafkaWriter implements Writer, AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #compression: Compression;
  readonly #partitions = new ConfirmedPartitions();
  #producer: Producer | null = null;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(kafka: Kafka, compression: Compression) {
    this.#kafka = kafka;
    this.#compression = compression;
  }

  write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    return this.writeIf(() => undefined, batches, timestampMs, signal);
  }

  /** The same, with a question before each batch is sent. */
  async writeIf(
    mayWrite: MayWrite,
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await abortable(this.#underWay, signal);
      const producer = await this.#connected(signal);
      for (const batch of batches) {
        this.#partitions.reset();
        mayWrite();
        const sent = producer.sendBatch({
          acks: -1,
          compression: compressionTypes[this.#compression],
          topicMessages: byTopic(batch, timestampMs),
        });
        this.#underWay = sent.catch(() => undefined);
        this.#partitions.verify(await abortable(sent, signal));
      }
    } catch (error) {
      void this.#discard();
      throw error;
    }
  }

  /** Disconnects while there is nothing to write; the next write connects again. */
  async rest(): Promise<void> {
    await this.#discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard();
  }

  async #connected(signal: AbortSignal): Promise<Producer> {
    if (this.#producer !== null) return this.#producer;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: this.#partitions.partitioner,
    });
    this.#producer = producer;
    await abortable(producer.connect(), signal);
    return producer;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer === null) return;
    await producer.disconnect().catch(() => undefined);
    // A send that was left alone has kafkajs connect again to repeat it.
    await this.#underWay;
    await producer.disconnect().catch(() => undefined);
  }
}

/** Records as kafkajs takes them, all of one time. */
export function byTopic(records: readonly KafkaRecord[], timestampMs: number) {
  const timestamp = String(timestampMs);
  const topics = Map.groupBy(records, ({ topic }) => topic);
  return [...topics].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ partition, key, value, headers }) => ({
      ...(partition !== undefined && { partition }),
      key,
      value,
      headers: { ...headers },
      timestamp,
    })),
  }));
}
