import { abortable } from "../../lib/abortable.ts";
import { retry, type RetryPolicy } from "../../lib/retry.ts";
import type { Clock } from "../../lib/clock.ts";
import { createCluster, leaderOf, type Cluster } from "../client/cluster.ts";
import type { Compression } from "../client/compression.ts";
import { explain } from "../client/connection.ts";
import type { Kafka } from "../client/kafkajs.ts";
import { partitionOf } from "../client/partition-of.ts";
import { createCodeError } from "../client/repairs/protocol/produce-answers.ts";
import type { ProducerState } from "./producer-state.ts";
import { groupByLeader, produce } from "./produce-request.ts";
import { transientPolicy } from "./transient.ts";

/** One record, ready to be written. */
export interface KafkaRecord {
  readonly topic: string;
  /** The key's hash chooses it when it is missing. */
  readonly partition?: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Writer {
  /**
   * Makes one attempt. Resolves once all in-sync replicas have every record; when it rejects, any
   * part of them may have been written. Batches are sent one after the other, for records that
   * are too large together. A repeated attempt passes the same arrays. Callers make one call at a
   * time. A request of an earlier call never appends behind a record of a later call.
   */
  write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Throws once this process may no longer write for a connector: another process may write for it now. */
export type MayWrite = () => void;

/** On whose behalf a write is made: its identity at the brokers, and the check of its lease. */
export interface Author {
  readonly producer: ProducerState;
  readonly mayWrite: MayWrite;
}

/** The request wants a number, also of a producer without transactions. */
const TRANSACTION_TIMEOUT_MS = 30_000;

const UNKNOWN_TOPIC_OR_PARTITION = 3;
/**
 * Writes with `acks=all` for idempotent producers, over its own connections. It connects for the
 * first write, and again after each failure.
 */
export class KafkaWriter implements AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #compression: Compression;
  readonly #clock: Clock;
  #cluster: Cluster | null = null;
  /** A leader may have moved since the metadata were read. */
  #isStale = false;

  constructor(kafka: Kafka, compression: Compression, clock: Clock) {
    this.#kafka = kafka;
    this.#compression = compression;
    this.#clock = clock;
  }

  /** Writes as `Writer.write` does, and calls `mayWrite` before each request. */
  async write(
    author: Author,
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const clock = this.#clock;
    try {
      for (const batch of batches) {
        if (batch.length === 0) continue;
        const policy: RetryPolicy = {
          ...transientPolicy(clock),
          failed: () => {
            this.#isStale = true;
          },
        };
        await retry(
          () => this.#attempt(author, batch, timestampMs, signal),
          policy,
          signal,
        );
      }
    } catch (error) {
      void this.rest();
      signal.throwIfAborted();
      throw await explain(this.#kafka, error);
    }
  }

  /** Disconnects while there is nothing to write; the next write connects again. */
  async rest(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = null;
    await cluster?.disconnect().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rest();
  }

  async #attempt(
    { producer, mayWrite }: Author,
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const cluster = await this.#connected(signal);
    if (this.#isStale) await abortable(cluster.refreshMetadata(), signal);
    this.#isStale = false;
    const topics = [...new Set(records.map(({ topic }) => topic))];
    await abortable(cluster.addMultipleTargetTopics(topics), signal);
    const counts = new Map(
      topics.map((topic) => [topic, partitionsOf(cluster, topic)]),
    );
    const write = producer.begin(
      records,
      ({ topic, partition, key }) =>
        partition ?? partitionOf(key, counts.get(topic) ?? 0),
    );
    if (producer.id === null)
      await requestProducerId(producer, cluster, signal);
    const batchesByLeader = await groupByLeader(
      cluster,
      write.batches,
      (partition) => leaderOf(cluster, partition),
      signal,
    );
    mayWrite();
    const compression = this.#compression;
    await produce(
      batchesByLeader,
      write,
      { producer, compression, timestampMs },
      signal,
    );
    producer.end(write);
  }

  async #connected(signal: AbortSignal): Promise<Cluster> {
    if (this.#cluster !== null) return this.#cluster;
    const cluster = createCluster(this.#kafka);
    this.#cluster = cluster;
    await abortable(cluster.connect(), signal);
    return cluster;
  }
}

function partitionsOf(cluster: Cluster, topic: string): number {
  const { length } = cluster.findTopicPartitionMetadata(topic);
  if (length > 0) return length;
  const error = createCodeError(UNKNOWN_TOPIC_OR_PARTITION);
  error.message = `topic ${topic}: ${error.message}`;
  throw error;
}

async function requestProducerId(
  producer: ProducerState,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const broker = await abortable(cluster.findControllerBroker(), signal);
  const { producerId, producerEpoch } = await abortable(
    broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS }),
    signal,
  );
  producer.identify(producerId, producerEpoch);
}
