import type { Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { clusterOf, type Broker, type Cluster } from "../client/cluster.ts";
import { compressionTypes, type Compression } from "../client/compression.ts";
import { explained } from "../client/connection.ts";
import { errorTypeOf, refusalOf } from "../client/errors.ts";
import type {
  IdempotentProducer,
  PartitionBatch,
  ProducerWrite,
} from "./idempotent-producer.ts";
import { partitionOf } from "../client/partition-of.ts";
import {
  answersBehind,
  answersIn,
  errorOfCode,
  type PartitionAnswer,
} from "../client/repairs/protocol/produce-answers.ts";

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
   * are too large together. A repeated attempt passes the same arrays. One call at a time; what an
   * earlier call left on its way never lands behind a record of a later one in its partition.
   */
  write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Throws once this process may no longer write for a connector: another one may do so by then. */
export type MayWrite = () => void;

/** Who writes: the brokers know it by its producer id, and its lease may have ended. */
export interface Author {
  readonly producer: IdempotentProducer;
  readonly mayWrite: MayWrite;
}

/** How long answers such as "not the leader" are waited out within one attempt. */
const SETTLE_WITHIN_MS = 3_000;
const SETTLE_STEP_MS = 100;
const PRODUCE_TIMEOUT_MS = 30_000;

const SUCCESS = 0;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** The broker has these sequence numbers: an earlier attempt was appended. */
const DUPLICATE_SEQUENCE_NUMBER = 46;

/** The broker does not go on from the sequence numbers or epoch of a write. */
const lostSequence = new Set([
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
]);

/**
 * Writes with `acks=all` for idempotent producers, over connections of its own, which are made
 * when they are needed and given up after any failure.
 */
export class KafkaWriter implements AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #compression: Compression;
  readonly #clock: Clock;
  #cluster: Cluster | null = null;

  constructor(kafka: Kafka, compression: Compression, clock: Clock) {
    this.#kafka = kafka;
    this.#compression = compression;
    this.#clock = clock;
  }

  /** As `Writer.write`; `mayWrite` is asked before each request. */
  async write(
    author: Author,
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for (const batch of batches)
        if (batch.length > 0)
          await this.#settled(author, batch, timestampMs, signal);
    } catch (error) {
      void this.rest();
      signal.throwIfAborted();
      throw await explained(this.#kafka, error);
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

  /** Waits out what passes by itself, such as the election of a leader behind a new topic. */
  async #settled(
    author: Author,
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    for (let waitMs = SETTLE_STEP_MS; ; waitMs *= 2) {
      try {
        await this.#attempt(author, records, timestampMs, signal);
        return;
      } catch (error) {
        const elapsedMs = this.#clock.monotonicMs() - startedMs;
        if (!passes(error) || elapsedMs + waitMs > SETTLE_WITHIN_MS)
          throw error;
        await this.#clock.sleep(waitMs, signal);
        await abortable(this.#cluster?.refreshMetadata() ?? done, signal);
      }
    }
  }

  async #attempt(
    { producer, mayWrite }: Author,
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const cluster = await this.#connected(signal);
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
    if (producer.id === null) await identify(producer, cluster, signal);
    const requests = await leadersOf(cluster, write, signal);
    mayWrite();
    const sent = [...requests].map(([broker, batches]) => {
      for (const batch of batches) batch.doubts++;
      return broker.produce({
        producerId: producer.id ?? "",
        producerEpoch: producer.epoch,
        acks: -1,
        timeout: PRODUCE_TIMEOUT_MS,
        compression: compressionTypes[this.#compression],
        topicData: topicDataOf(batches, timestampMs),
      });
    });
    const answered = await abortable(Promise.allSettled(sent), signal);
    const errors: unknown[] = [];
    for (const [index, batches] of [...requests.values()].entries()) {
      const answer = answered[index];
      if (answer !== undefined)
        errors.push(...judge(producer, write, batches, answer));
    }
    // One that says whose fault it is tells more than one that may pass.
    const error =
      errors.find((one) => refusalOf(one) !== "unavailable") ?? errors[0];
    if (error !== undefined) throw error as Error;
    producer.end(write);
  }

  async #connected(signal: AbortSignal): Promise<Cluster> {
    if (this.#cluster !== null) return this.#cluster;
    const cluster = clusterOf(this.#kafka);
    this.#cluster = cluster;
    await abortable(cluster.connect(), signal);
    return cluster;
  }
}

const done = Promise.resolve();

function partitionsOf(cluster: Cluster, topic: string): number {
  const { length } = cluster.findTopicPartitionMetadata(topic);
  if (length === 0) throw errorOfCode(UNKNOWN_TOPIC_OR_PARTITION);
  return length;
}

async function identify(
  producer: IdempotentProducer,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const broker = await abortable(cluster.findControllerBroker(), signal);
  const { producerId, producerEpoch } = await abortable(
    broker.initProducerId({ transactionTimeout: PRODUCE_TIMEOUT_MS }),
    signal,
  );
  producer.identify(producerId, producerEpoch);
}

/** The batches that are not confirmed yet, by the broker that leads their partitions. */
async function leadersOf(
  cluster: Cluster,
  { batches }: ProducerWrite,
  signal: AbortSignal,
): Promise<Map<Broker, PartitionBatch[]>> {
  const leaders = new Map<Broker, PartitionBatch[]>();
  for (const batch of batches) {
    if (batch.isConfirmed) continue;
    const { topic, partition } = batch;
    const [nodeId = "-1"] = Object.keys(
      cluster.findLeaderForPartitions(topic, [partition]),
    );
    const broker = await abortable(cluster.findBroker({ nodeId }), signal);
    const known = leaders.get(broker);
    if (known === undefined) leaders.set(broker, [batch]);
    else known.push(batch);
  }
  return leaders;
}

/** Takes a broker's answer to some batches; returns an error for each that is not confirmed. */
function judge(
  producer: IdempotentProducer,
  write: ProducerWrite,
  batches: readonly PartitionBatch[],
  answer: PromiseSettledResult<Parameters<typeof answersIn>[0]>,
): unknown[] {
  const answers =
    answer.status === "fulfilled"
      ? answersIn(answer.value)
      : answersBehind(answer.reason);
  if (answers === null) return [(answer as PromiseRejectedResult).reason];
  return batches.flatMap((batch) => {
    const code = codeFor(batch, answers);
    if (code === SUCCESS || code === DUPLICATE_SEQUENCE_NUMBER) {
      producer.confirm(write, batch);
      return [];
    }
    const place = `partition ${batch.partition} of ${batch.topic}`;
    if (code === undefined)
      return [new Error(`the broker's answer does not speak of ${place}`)];
    const error = errorOfCode(code);
    error.message = `${place}: ${error.message}`;
    if (lostSequence.has(errorTypeOf(error) ?? ""))
      producer.loseSequence(write);
    // A record or topic that is refused was not appended; any other answer may come behind that.
    else if (refusalOf(error) !== "unavailable" && !mayBeAppended(error))
      batch.doubts--;
    return [error];
  });
}

function codeFor(
  { topic, partition }: PartitionBatch,
  answers: readonly PartitionAnswer[],
): number | undefined {
  return answers.find(
    (one) => one.topic === topic && one.partition === partition,
  )?.errorCode;
}

/** A leader that loses its partition while replicas follow says so behind the append. */
function mayBeAppended(error: Error): boolean {
  return errorTypeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION";
}

/** A broker's answer that another one, or the same a little later, gives otherwise. */
function passes(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "KafkaJSBrokerNotFound") return true;
  const isProtocol = error.name === "KafkaJSProtocolError";
  return isProtocol && "retriable" in error && error.retriable === true;
}

function topicDataOf(batches: readonly PartitionBatch[], timestampMs: number) {
  const timestamp = String(timestampMs);
  const byTopic = Map.groupBy(batches, ({ topic }) => topic);
  return [...byTopic].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition, firstSequence, records }) => ({
      partition,
      firstSequence,
      messages: records.map(({ key, value, headers }) => ({
        key,
        value,
        headers: { ...headers },
        timestamp,
      })),
    })),
  }));
}

/** Records as kafkajs's own producers take them, all of one time. */
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
