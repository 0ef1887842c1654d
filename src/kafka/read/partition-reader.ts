import type { IHeaders, Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import {
  clusterOf,
  type Broker,
  type Cluster,
  type Fetched,
} from "../client/cluster.ts";
import { withoutAborted } from "./without-aborted.ts";

/** One committed record, as it lies in its partition. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Empty also for a record without one. */
  readonly key: string;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: IHeaders | undefined;
}

/** A header's text; of one that comes several times the last. Null without one. */
export function headerOf(
  { headers }: Pick<StoredRecord, "headers">,
  name: string,
): string | null {
  const value = headers?.[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? null : last.toString();
}

export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record to read. */
  readonly from: bigint;
  /** The offset to end before; the high watermark when it is missing, or beyond that. */
  readonly to?: bigint;
  /** What lies before `from` was read: a partition that ends before it is a LostRecords error. */
  readonly isContinued?: boolean;
}

/** A partition ends before what was read of it: it was deleted and made again, or lost records. */
export class LostRecords extends Error {
  override readonly name = "LostRecords";
}

/** A range whose end is known. */
export type WholeRange = PartitionRange & { readonly to: bigint };

/** A name for a record's or range's partition, to keep things by. */
export function placeOf({
  topic,
  partition,
}: Pick<PartitionRange, "topic" | "partition">): string {
  return `${topic} ${partition}`;
}

/**
 * Reads a partition as a read_committed consumer does, up to the high watermark at the time of
 * the call, or up to `to`: the end of every transaction, also of those still open, which it waits for. Returns
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
  await using reader = await TopicReader.connect(kafka, range.topic, signal);
  return yield* reader.read(range, signal);
}

/** Reads partitions of a topic that exists, over connections of its own. */
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
    const cluster = clusterOf(kafka);
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

  /** As `readCommitted`. */
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
      const records = committedIn(fetched, whole);
      if (records.length > 0) yield records;
      // An answer may hold more than was asked for: that is left to the next reading.
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

/** The number of partitions of a topic that exists. */
export async function partitionCount(
  kafka: Kafka,
  topic: string,
  signal: AbortSignal,
): Promise<number> {
  await using reader = await TopicReader.connect(kafka, topic, signal);
  return reader.partitions;
}

/** A fast answer, compressed, and one that fits into memory though it may unpack to ten times as much. */
const MOST_FETCH_BYTES = 1024 * 1024;
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

/** Compressed batches begin before the offset that was asked for, and end where they end. */
function committedIn(
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
  // Compaction leaves batches without records: the next offset is asked for, until one has some.
  return position < BigInt(fetched.lastStableOffset) ? position + 1n : position;
}
