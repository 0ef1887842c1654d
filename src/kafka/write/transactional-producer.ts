import type { Clock } from "../../lib/clock.ts";
import { retry, type RetryPolicy } from "../../lib/retry.ts";
import { UnavailableFault } from "../../domain/faults.ts";
import type { Cluster } from "../client/cluster.ts";
import type { Compression } from "../client/compression.ts";
import { errorTypeOf } from "../client/errors.ts";
import { partitionOf, type TopicPartition } from "../client/partition-of.ts";
import type { SharedConnections } from "../client/shared-connections.ts";
import type { KafkaRecord } from "./kafka-writer.ts";
import { groupByLeader, produce } from "./produce-request.ts";
import { ProducerState } from "./producer-state.ts";
import { TopicLayouts } from "./topic-layouts.ts";
import { TransactionCoordinator } from "./transaction-coordinator.ts";
import { transientPolicy } from "./transient.ts";

export interface TransactionalProducerOptions {
  readonly connections: SharedConnections;
  readonly compression: Compression;
  readonly transactionalId: string;
  readonly clock: Clock;
}

/** The open transaction of a process that died holds up read_committed consumers for this time. */
export const TRANSACTION_TIMEOUT_MS = 30_000;

/** The offset at which the records of a batch begin in a partition. */
export interface Appended extends TopicPartition {
  readonly baseOffset: bigint;
}

/** A transactional id that this process has taken over. */
interface Ownership {
  readonly state: ProducerState;
  layouts: TopicLayouts;
}

/** Topics get more partitions meanwhile, which the next transaction then uses. */
const LAYOUTS_FRESH_MS = 300_000;

/**
 * Writes records all or none, one transaction at a time, under a transactional id that it keeps
 * until a failure: whether the transaction was committed is unknown then, until the next `open`
 * ends it. Many producers share the connections.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #options: TransactionalProducerOptions;
  readonly #coordinator: TransactionCoordinator;
  #ownership: Ownership | null = null;

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
    const { transactionalId, clock } = options;
    this.#coordinator = new TransactionCoordinator(transactionalId, clock);
  }

  get isOpen(): boolean {
    return this.#ownership !== null;
  }

  /** Takes over the transactional id. A transaction of an earlier producer has ended once it resolves. */
  async open(signal: AbortSignal): Promise<void> {
    this.discard();
    const { connections, transactionalId } = this.#options;
    await connections.use(async (cluster) => {
      const { producerId, producerEpoch } = await this.#coordinator.ask(
        cluster,
        (broker) =>
          broker.initProducerId({
            transactionalId,
            transactionTimeout: TRANSACTION_TIMEOUT_MS,
          }),
        signal,
      );
      const state = new ProducerState();
      state.identify(producerId, producerEpoch);
      const layouts = new TopicLayouts(this.#options.clock.monotonicMs());
      this.#ownership = { state, layouts };
    }, signal);
  }

  /**
   * Sends the batches one after the other and commits them. Resolves with where each begins in its
   * partitions. Rejects with kafkajs's error; whether the batches are committed is unknown then.
   */
  async commit(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<Appended[][]> {
    const ownership = this.#ownership;
    try {
      if (ownership === null)
        throw new UnavailableFault("the producer has gone");
      return await this.#options.connections.use(
        (cluster) =>
          this.#commit(cluster, ownership, batches, timestampMs, signal),
        signal,
      );
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Gives the transactional id up; nothing is sent. */
  discard(): void {
    this.#ownership = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.discard();
    return Promise.resolve();
  }

  async #commit(
    cluster: Cluster,
    ownership: Ownership,
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<Appended[][]> {
    const { transactionalId, clock } = this.#options;
    const records = batches.flat();
    if (records.length === 0) return batches.map(() => []);
    const nowMs = clock.monotonicMs();
    if (nowMs - ownership.layouts.madeMs > LAYOUTS_FRESH_MS)
      ownership.layouts = new TopicLayouts(nowMs);
    const { state, layouts } = ownership;
    const topics = [...new Set(records.map(({ topic }) => topic))];
    await retry(
      () => layouts.load(cluster, layouts.unknown(topics), signal),
      transientPolicy(clock),
      signal,
    );
    const place = ({ topic, partition, key }: KafkaRecord) =>
      partition ?? partitionOf(key, layouts.partitionsOf(topic));
    const producer = {
      transactionalId,
      producerId: state.id ?? "",
      producerEpoch: state.epoch,
    };
    await this.#coordinator.begin(
      cluster,
      (broker) =>
        broker.addPartitionsToTxn({
          ...producer,
          topics: [...Map.groupBy(records, ({ topic }) => topic)].map(
            ([topic, own]) => ({
              topic,
              partitions: [...new Set(own.map(place))],
            }),
          ),
        }),
      signal,
    );
    const appended: Appended[][] = [];
    for (const batch of batches)
      appended.push(
        await this.#produce(cluster, ownership, signal, {
          batch,
          place,
          timestampMs,
        }),
      );
    await this.#coordinator.end(
      cluster,
      (broker) => broker.endTxn({ ...producer, transactionResult: true }),
      signal,
    );
    return appended;
  }

  /** Sends one batch to the leaders of its partitions; what is repeated has the same sequence numbers. */
  async #produce(
    cluster: Cluster,
    { state, layouts }: Ownership,
    signal: AbortSignal,
    {
      batch,
      place,
      timestampMs,
    }: {
      readonly batch: readonly KafkaRecord[];
      readonly place: (record: KafkaRecord) => number;
      readonly timestampMs: number;
    },
  ): Promise<Appended[]> {
    const { transactionalId, compression, clock } = this.#options;
    const write = state.begin(batch, place);
    let isStale = false;
    const attempt = async () => {
      const topics = [...new Set(batch.map(({ topic }) => topic))];
      if (isStale) await layouts.load(cluster, topics, signal);
      isStale = false;
      const batchesByLeader = await groupByLeader(
        cluster,
        write.batches,
        layouts.leaderOf,
        signal,
      );
      await produce(
        batchesByLeader,
        write,
        { producer: state, transactionalId, compression, timestampMs },
        signal,
      );
    };
    const policy: RetryPolicy = {
      ...transientPolicy(clock),
      failed: () => {
        isStale = true;
      },
    };
    await retry(attempt, policy, signal);
    state.end(write);
    return write.batches.flatMap(({ topic, partition, baseOffset }) =>
      baseOffset === null ? [] : { topic, partition, baseOffset },
    );
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
