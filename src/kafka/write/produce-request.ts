import { abortable } from "../../lib/abortable.ts";
import type { Broker, Cluster, ProduceRequest } from "../client/cluster.ts";
import { compressionTypes, type Compression } from "../client/compression.ts";
import { refusalOf } from "../client/errors.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import { applyAnswer } from "./answered-batches.ts";
import type {
  PartitionBatch,
  ProducerState,
  ProducerWrite,
} from "./producer-state.ts";

type BatchesByLeader = ReadonlyMap<Broker, readonly PartitionBatch[]>;

/** Groups the batches that are not confirmed yet by the broker that leads their partitions. */
export async function groupByLeader(
  cluster: Pick<Cluster, "findBroker">,
  batches: readonly PartitionBatch[],
  leaderOf: (partition: TopicPartition) => string,
  signal: AbortSignal,
): Promise<BatchesByLeader> {
  const unconfirmed = batches.filter(({ isConfirmed }) => !isConfirmed);
  const byBroker = new Map<Broker, PartitionBatch[]>();
  for (const [nodeId, led] of Map.groupBy(unconfirmed, leaderOf)) {
    const broker = await abortable(cluster.findBroker({ nodeId }), signal);
    byBroker.set(broker, [...(byBroker.get(broker) ?? []), ...led]);
  }
  return byBroker;
}

export interface ProduceOptions {
  readonly producer: ProducerState;
  /** Missing outside transactions. */
  readonly transactionalId?: string;
  readonly compression: Compression;
  readonly timestampMs: number;
}

const PRODUCE_TIMEOUT_MS = 30_000;

/**
 * Sends batches of a write to their leaders, all at the same time, and notes in the write what each
 * broker answers. Rejects unless all are confirmed, with the error that says most.
 */
export async function produce(
  batchesByLeader: BatchesByLeader,
  write: ProducerWrite,
  { producer, transactionalId, compression, timestampMs }: ProduceOptions,
  signal: AbortSignal,
): Promise<void> {
  const sent = [...batchesByLeader].map(([broker, batches]) => {
    for (const batch of batches) batch.doubts++;
    return broker.produce({
      ...(transactionalId !== undefined && { transactionalId }),
      producerId: producer.id ?? "",
      producerEpoch: producer.epoch,
      acks: -1,
      timeout: PRODUCE_TIMEOUT_MS,
      compression: compressionTypes[compression],
      topicData: toTopicData(batches, timestampMs),
    });
  });
  const answered = await abortable(Promise.allSettled(sent), signal);
  const errors: unknown[] = [];
  for (const [index, batches] of [...batchesByLeader.values()].entries()) {
    const answer = answered[index];
    if (answer !== undefined)
      errors.push(...applyAnswer(producer, write, batches, answer));
  }
  // An error that names what is at fault matters more than one that may pass.
  const error =
    errors.find((one) => refusalOf(one) !== "unavailable") ?? errors[0];
  if (error !== undefined) throw error as Error;
}

/** Converts numbered batches to the data of a produce request. All records get the same time. */
function toTopicData(
  batches: readonly PartitionBatch[],
  timestampMs: number,
): ProduceRequest["topicData"] {
  const timestamp = String(timestampMs);
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  return [...topics].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition, firstSequence, records }) => ({
      partition,
      firstSequence,
      timestamp,
      messages: records,
    })),
  }));
}
