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
import type { KafkaRecord } from "./producer.ts";

export interface TransactionalProducerOptions {
  readonly kafka: Kafka;
  readonly compression: Compression;
  readonly transactionalId: string;
}

/** Open transactions of a process that died keep read_committed consumers waiting for so long. */
export const TRANSACTION_TIMEOUT_MS = 30_000;

/** Every second transaction on Kafka 4 is first told CONCURRENT_TRANSACTIONS, and a wait of the usual length costs nine tenths of the speed. */
const TRANSACTION_RETRY = {
  initialRetryTime: 10,
  multiplier: 1.5,
  maxRetryTime: 500,
  retries: 20,
};

/**
 * Writes records all or none, one transaction at a time. After any failure the producer is thrown
 * away: the end of its transaction may not be known, until the next `open`.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #options: TransactionalProducerOptions;
  readonly #partitions = new ConfirmedPartitions();
  #producer: Producer | null = null;
  /** Begun on the client alone; the brokers know of it with the first record. */
  #begun: Transaction | null = null;

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#producer !== null;
  }

  /** Takes over the transactional id: what an earlier producer of it left open has ended by then. */
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
   * Resolves once all batches, which are sent one after the other, are committed, with what the
   * brokers answered to each. When it rejects, with kafkajs's error, they may be or not.
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

/** Whether another producer, or the brokers, ended this one's right to write. */
export function isFencing(error: unknown): boolean {
  const isUnknownFenced =
    error instanceof Error && "code" in error && error.code === 90;
  return isUnknownFenced || errorTypeOf(error) === "INVALID_PRODUCER_EPOCH";
}
