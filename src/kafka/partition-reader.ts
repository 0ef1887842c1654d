import { createRequire } from "node:module";
import type { Kafka } from "kafkajs";
import { abortable } from "../pipeline/abortable.ts";
import {
  clusterOf,
  type Broker,
  type Fetched,
  type Message,
} from "./cluster.ts";

/** One committed record, as it lies in its partition. */
export interface StoredRecord {
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer | null;
}

export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record to read. */
  readonly from: bigint;
}

/**
 * Reads a partition as a read_committed consumer does, up to the high watermark at the time of
 * the call: the end of every transaction, also of those still open, which it waits for. Returns
 * the offset to go on from. Rejects with kafkajs's errors, or the signal's reason.
 *
 * kafkajs reads through consumer groups alone, whose joining takes seconds, and takes the last
 * stable offset for the end, behind which records of its own may lie. Hence the parts beneath it.
 */
export async function* readCommitted(
  kafka: Kafka,
  range: PartitionRange,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredRecord[], bigint> {
  const { topic, partition } = range;
  const cluster = clusterOf(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.addMultipleTargetTopics([topic]), signal);
    const [leader] = Object.keys(
      cluster.findLeaderForPartitions(topic, [partition]),
    );
    const broker = await abortable(
      cluster.findBroker({ nodeId: String(leader) }),
      signal,
    );
    const offsetAt = async (timestamp: number) => {
      const { responses } = await broker.listOffsets({
        replicaId: -1,
        isolationLevel: READ_UNCOMMITTED,
        topics: [{ topic, partitions: [{ partition, timestamp }] }],
      });
      return BigInt(responses[0]?.partitions[0]?.offset ?? 0);
    };
    const end = await abortable(offsetAt(LATEST), signal);
    let position = range.from;
    const start = await abortable(offsetAt(EARLIEST), signal);
    if (position < start || position > end) position = start;
    while (position < end) {
      const fetched = await abortable(
        fetchFrom(broker, topic, partition, position),
        signal,
      );
      const records = committedIn(fetched, position);
      if (records.length > 0) yield records;
      position = afterFetch(fetched, position);
    }
    return position;
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** The number of partitions of a topic that exists. */
export async function partitionCount(
  kafka: Kafka,
  topic: string,
  signal: AbortSignal,
): Promise<number> {
  const cluster = clusterOf(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.addMultipleTargetTopics([topic]), signal);
    return cluster.findTopicPartitionMetadata(topic).length;
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const LATEST = -1;
const EARLIEST = -2;

const filterAbortedMessages = createRequire(import.meta.url)(
  "kafkajs/src/consumer/filterAbortedMessages",
) as (fetched: {
  readonly messages: readonly Message[];
  readonly abortedTransactions: readonly object[];
}) => Message[];

async function fetchFrom(
  broker: Broker,
  topic: string,
  partition: number,
  position: bigint,
): Promise<Fetched> {
  const maxBytes = 4 * 1024 * 1024;
  const { responses } = await broker.fetch({
    replicaId: -1,
    isolationLevel: READ_COMMITTED,
    maxWaitTime: 200,
    minBytes: 1,
    maxBytes,
    topics: [
      {
        topic,
        partitions: [
          {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset: String(position),
            logStartOffset: -1,
            maxBytes,
          },
        ],
      },
    ],
  });
  const fetched = responses[0]?.partitions[0];
  if (fetched === undefined)
    throw new Error(`the broker's answer holds no partition of ${topic}`);
  return fetched;
}

/** Compressed batches begin before the offset that was asked for. */
function committedIn(fetched: Fetched, position: bigint): StoredRecord[] {
  const messages = filterAbortedMessages({
    messages: fetched.messages.filter(
      ({ offset }) => BigInt(offset) >= position,
    ),
    abortedTransactions: [...fetched.abortedTransactions],
  });
  return messages
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset, key, value }) => ({
      offset: BigInt(offset),
      key: key?.toString("utf8") ?? "",
      value,
    }));
}

function afterFetch(fetched: Fetched, position: bigint): bigint {
  const last = fetched.messages.at(-1);
  if (last !== undefined && BigInt(last.offset) >= position)
    return BigInt(last.offset) + 1n;
  // Compaction leaves batches without records: the next offset is asked for, until one has some.
  return position < BigInt(fetched.lastStableOffset) ? position + 1n : position;
}
