import type { Kafka, Producer, Transaction } from "kafkajs";
import { abortable } from "../pipeline/abortable.ts";
import { FencedFault } from "../pipeline/faults.ts";
import { compressionTypes, type Compression } from "./compression.ts";
import { ConfirmedPartitions } from "./confirmed-partitions.ts";
import { reasonOf } from "./errors.ts";
import { byTopic, type KafkaRecord } from "./producer.ts";
import {
  isFencing,
  TRANSACTION_RETRY,
  TRANSACTION_TIMEOUT_MS,
} from "./transactional-writer.ts";

export interface ReplayWriterOptions {
  readonly kafka: Kafka;
  readonly compression: Compression;
  readonly transactionalId: string;
}

/**
 * Writes records all or none, one transaction at a time. After any failure the producer is thrown
 * away: the end of its transaction may not be known, until the next `open`.
 */
export class ReplayWriter implements AsyncDisposable {
  readonly #options: ReplayWriterOptions;
  readonly #partitions = new ConfirmedPartitions();
  #producer: Producer | null = null;
  /** Begun on the client alone; the brokers know of it with the first record. */
  #begun: Transaction | null = null;

  constructor(options: ReplayWriterOptions) {
    this.#options = options;
  }

  /** Takes over the transactional id: what an earlier producer of it left open has ended by then. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#discard();
    await this.#orDiscard(async () => {
      const producer = this.#options.kafka.producer({
        transactionalId: this.#options.transactionalId,
        transactionTimeout: TRANSACTION_TIMEOUT_MS,
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: this.#partitions.partitioner,
        retry: TRANSACTION_RETRY,
      });
      this.#producer = producer;
      await abortable(producer.connect(), signal);
      this.#begun = await abortable(producer.transaction(), signal);
    });
  }

  /**
   * Resolves once the records are committed; when it rejects, with a FencedFault or kafkajs's
   * error, they may be or not.
   */
  async commit(
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#orDiscard(async () => {
      if (this.#producer === null) await this.open(signal);
      const transaction =
        this.#begun ?? (await abortable(this.#begin(), signal));
      this.#begun = null;
      this.#partitions.reset();
      const sent = transaction.sendBatch({
        acks: -1,
        compression: compressionTypes[this.#options.compression],
        topicMessages: byTopic(records, timestampMs),
      });
      this.#partitions.verify(await abortable(sent, signal));
      await abortable(transaction.commit(), signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard();
  }

  #begin(): Promise<Transaction> {
    if (this.#producer === null) throw new Error("the producer has gone");
    return this.#producer.transaction();
  }

  async #orDiscard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (cause) {
      void this.#discard();
      throw isFencing(cause)
        ? new FencedFault(reasonOf(cause), { cause })
        : cause;
    }
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    this.#begun = null;
    await producer?.disconnect().catch(() => undefined);
  }
}
