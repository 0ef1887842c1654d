import type { IHeaders, Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import {
  createCluster,
  type Broker,
  type Cluster,
  type Fetched,
} from "../client/cluster.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import { withoutAborted } from "./without-aborted.ts";

/** A committed record of a partition. */
export interface StoredRecord extends TopicPartition {
  readonly offset: bigint;
  /** Empty for a record without a key. */
  readonly key: string;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: IHeaders | undefined;
}

/** The text of a header, of the last one when it is repeated; null when it is missing, or has no value. */
export function headerOf(
  { headers }: Pick<StoredRecord, "headers">,
  name: string,
): string | null {
  const value = headers?.[name];
  // Other programs may write headers without a value, though kafkajs's types have none.
  const last: Buffer | string | null | undefined = Array.isArray(value)
    ? value.at(-1)
    : value;
  return last?.toString() ?? null;
}

export interface PartitionRange extends TopicPartition {
  /** Offset of the first record to read. */
  readonly from: bigint;
  /** The offset to end before. The high watermark bounds it, and replaces it when it is missing. */
  readonly to?: bigint;
  /** The records before `from` were read earlier: a partition that ends before it is a LostRecords error. */
  readonly isContinued?: boolean;
}

/** A partition ends before an offset that was read: its topic was created anew, or it lost records. */
export class LostRecords extends Error {
  override readonly name = "LostRecords";
}

/** A range whose end is known. */
export type WholeRange = PartitionRange & { readonly to: bigint };

/**
 * Reads a partition as a read_committed consumer does, up to `to` or the high watermark at the time
 * of the call. Waits for the end of transactions that are open there. Returns the offset to resume
 * from. Rejects with kafkajs's errors, or the signal's reason.
 *
 * It sends its own requests: kafkajs reads only through consumer groups, whose joining takes
 * seconds, and ends at the last stable offset, though committed records may follow it.
 */
export async function* readCommitted(
  kafka: Kafka,
  range: PartitionRange,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredRecord[], bigint> {
  await using reader = await TopicReader.connect(kafka, range.topic, signal);
  return yield* reader.read(range, signal);
}

/** Reads partitions of an existing topic, over its own connections. */
export class TopicReader implements AsyncDisposable {
  readonly #topic: string;
  readonly #cluster: Cluster;

  private constructor(topic: string, cluster: Cluster) {
    this.#topic = topic;
    this.#cluster = cluster;
  }

  static async connect(
    kafka: Kafka,
    topic: string,
    signal: AbortSignal,
  ): Promise<TopicReader> {
    const cluster = createCluster(kafka);
    try {
      await abortable(cluster.connect(), signal);
      await abortable(cluster.addMultipleTargetTopics([topic]), signal);
      return new TopicReader(topic, cluster);
    } catch (error) {
      void cluster.disconnect().catch(() => undefined);
      throw error;
    }
  }

  /** How many partitions the topic has. */
  get partitions(): number {
    return this.#cluster.findTopicPartitionMetadata(this.#topic).length;
  }

  /** Reads as `readCommitted` does. */
  async *read(
    range: Omit<PartitionRange, "topic">,
    signal: AbortSignal,
  ): AsyncGenerator<readonly StoredRecord[], bigint> {
    const cluster = this.#cluster;
    const topic = this.#topic;
    const { partition } = range;
    const [leader] = Object.keys(
      cluster.findLeaderForPartitions(topic, [partition]),
    );
    const broker = await abortable(
      cluster.findBroker({ nodeId: String(leader) }),
      signal,
    );
    const offsetAt = async (fromBeginning: boolean) => {
      const query = { topic, partitions: [{ partition }], fromBeginning };
      const [answer] = await cluster.fetchTopicsOffset([query]);
      return BigInt(answer?.partitions[0]?.offset ?? 0);
    };
    const latest = await abortable(offsetAt(false), signal);
    const { to = latest } = range;
    const end = to < latest ? to : latest;
    let position = range.from;
    if (position > latest && range.isContinued === true)
      throw new LostRecords(
        `partition ${partition} of ${topic} ends at offset ${latest}, and was read up to ${position} before`,
      );
    const start = await abortable(offsetAt(true), signal);
    if (position < start || position > latest) position = start;
    while (position < end) {
      const fetched = await abortable(
        fetchFrom(broker, topic, partition, position),
        signal,
      );
      const whole = { topic, partition, from: position, to: end };
      const records = selectCommitted(fetched, whole);
      if (records.length > 0) yield records;
      // A batch may reach beyond the range: the next reading takes the rest of it.
      const next = afterFetch(fetched, position);
      position = next < end ? next : end;
    }
    return position;
  }

  [Symbol.asyncDispose](): Promise<void> {
    void this.#cluster.disconnect().catch(() => undefined);
    return Promise.resolve();
  }
}

/** Loads the number of partitions of an existing topic. */
export async function loadPartitionCount(
  kafka: Kafka,
  topic: string,
  signal: AbortSignal,
): Promise<number> {
  await using reader = await TopicReader.connect(kafka, topic, signal);
  return reader.partitions;
}

/** Compressed bytes of one answer: it is fast, and fits into memory though it may unpack to ten times as much. */
const MOST_FETCH_BYTES = 256 * 1024;
const READ_COMMITTED = 1;

async function fetchFrom(
  broker: Broker,
  topic: string,
  partition: number,
  position: bigint,
): Promise<Fetched> {
  const maxBytes = MOST_FETCH_BYTES;
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

/** Keeps the committed records of the range: a compressed batch may begin before it and end behind it. */
function selectCommitted(
  fetched: Fetched,
  { topic, partition, from, to }: WholeRange,
): StoredRecord[] {
  const { messages, abortedTransactions } = fetched;
  const records: StoredRecord[] = [];
  for (const message of withoutAborted(messages, abortedTransactions)) {
    const offset = BigInt(message.offset);
    if (offset < from || offset >= to) continue;
    const { key, value, timestamp, headers } = message;
    records.push({
      topic,
      partition,
      offset,
      key: key?.toString("utf8") ?? "",
      value,
      timestampMs: Number(timestamp),
      headers,
    });
  }
  return records;
}

function afterFetch(fetched: Fetched, position: bigint): bigint {
  const last = fetched.messages.at(-1);
  if (last !== undefined && BigInt(last.offset) >= position)
    return BigInt(last.offset) + 1n;
  // Compaction leaves batches without records: the next fetch asks for the following offset.
  return position < BigInt(fetched.lastStableOffset) ? position + 1n : position;
}
