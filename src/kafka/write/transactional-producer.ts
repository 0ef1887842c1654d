import type {
  Kafka,
  Producer,
  RecordMetadata,
  Transaction,
} from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import { UnavailableFault } from "../../domain/faults.ts";
import { compressionTypes, type Compression } from "../client/compression.ts";
import { ConfirmedPartitions } from "./confirmed-partitions.ts";
import { errorTypeOf } from "../client/errors.ts";
import { toTopicMessages } from "./produce-request.ts";
import type { KafkaRecord } from "./kafka-writer.ts";

export interface TransactionalProducerOptions {
  readonly kafka: Kafka;
  readonly compression: Compression;
  readonly transactionalId: string;
}

/** The open transaction of a process that died holds up read_committed consumers for this time. */
export const TRANSACTION_TIMEOUT_MS = 30_000;

/** Kafka 4 answers every second transaction with CONCURRENT_TRANSACTIONS first: waits of the usual length cost nine tenths of the speed. */
const TRANSACTION_RETRY = {
  initialRetryTime: 10,
  multiplier: 1.5,
  maxRetryTime: 500,
  retries: 20,
};

/**
 * Writes records all or none, one transaction at a time. It discards its producer after any
 * failure: whether the transaction was committed is unknown then, until the next `open` ends it.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #options: TransactionalProducerOptions;
  readonly #partitions = new ConfirmedPartitions();
  #producer: Producer | null = null;
  /** A transaction that has begun in this process only: brokers learn of it with its first record. */
  #begun: Transaction | null = null;

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#producer !== null;
  }

  /** Takes over the transactional id. A transaction of an earlier producer has ended once it resolves. */
  async open(signal: AbortSignal): Promise<void> {
    await this.discard();
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
   * Sends the batches one after the other and commits them. Resolves with the brokers' answers to
   * each. Rejects with kafkajs's error; whether the batches are committed is unknown then.
   */
  async commit(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<RecordMetadata[][]> {
    const answers: RecordMetadata[][] = [];
    await this.#orDiscard(async () => {
      const transaction =
        this.#begun ?? (await abortable(this.#begin(), signal));
      this.#begun = null;
      for (const batch of batches) {
        this.#partitions.reset();
        const sent = transaction.sendBatch({
          acks: -1,
          compression: compressionTypes[this.#options.compression],
          topicMessages: toTopicMessages(batch, timestampMs),
        });
        const answer = await abortable(sent, signal);
        this.#partitions.verify(answer);
        answers.push(answer);
      }
      await abortable(transaction.commit(), signal);
    });
    return answers;
  }

  /** Disconnects. */
  async discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    this.#begun = null;
    await producer?.disconnect().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard();
  }

  async #begin(): Promise<Transaction> {
    if (this.#producer === null)
      throw new UnavailableFault("the producer has gone");
    return this.#producer.transaction();
  }

  async #orDiscard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      void this.discard();
      throw error;
    }
  }
}

/** PRODUCER_FENCED, an error code that kafkajs 2.2.4 has no name for. */
const PRODUCER_FENCED = 90;

/** Whether another producer, or the brokers, ended this producer's right to write. */
export function isFencing(error: unknown): boolean {
  const isUnknownFenced =
    error instanceof Error && "code" in error && error.code === PRODUCER_FENCED;
  return isUnknownFenced || errorTypeOf(error) === "INVALID_PRODUCER_EPOCH";
}
