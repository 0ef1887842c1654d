import { abortable } from "../../lib/abortable.ts";
import {
  leaderOf,
  type Broker,
  type Cluster,
  type Fetched,
} from "../client/cluster.ts";
import type { IHeaders } from "../client/kafkajs.ts";
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

/** A partition ends before an offset that was read: its topic was created anew, or it lost records. */
export class LostRecords extends Error {
  override readonly name = "LostRecords";
}

/** The offsets to fetch, from the first one up to an end. */
export interface KnownRange extends TopicPartition {
  readonly from: bigint;
  readonly to: bigint;
}

/** A LostRecords error of a partition that ends before what was read of it. */
export function lostRecords(
  { topic, partition }: TopicPartition,
  latest: bigint,
  position: bigint,
): LostRecords {
  return new LostRecords(
    `partition ${partition} of ${topic} ends at offset ${latest}, and was read up to ${position} before`,
  );
}

/** Loads the offset of the first record of a partition, or its high watermark. */
export async function loadOffset(
  cluster: Cluster,
  { topic, partition }: TopicPartition,
  which: "earliest" | "latest",
  signal: AbortSignal,
): Promise<bigint> {
  const fromBeginning = which === "earliest";
  const query = { topic, partitions: [{ partition }], fromBeginning };
  const asked = cluster.fetchTopicsOffset([query]);
  const [answer] = await abortable(asked, signal);
  return BigInt(answer?.partitions[0]?.offset ?? 0);
}

/** The result of one fetch: the committed records of the range, and the offset behind them. */
export interface Chunk {
  readonly records: readonly StoredRecord[];
  /** The position itself when a transaction is open there. */
  readonly next: bigint;
}

/** How a fetch is asked for. */
export interface FetchLimits {
  /** Compressed bytes of the answer; the first batch comes whole. */
  readonly maxBytes: number;
  /** How long the broker waits for the end of a transaction. */
  readonly maxWaitMs: number;
}

/** Such an answer is fast, and fits into memory though it may unpack to ten times as much. */
const USUAL_LIMITS: FetchLimits = { maxBytes: 256 * 1024, maxWaitMs: 200 };

/** Fetches once from the beginning of a range. */
export async function fetchCommitted(
  cluster: Cluster,
  range: KnownRange,
  signal: AbortSignal,
  limits: FetchLimits = USUAL_LIMITS,
): Promise<Chunk> {
  const { from, to } = range;
  const nodeId = leaderOf(cluster, range);
  const broker = await abortable(cluster.findBroker({ nodeId }), signal);
  const fetching = fetchFrom(broker, range, limits);
  const fetched = await abortable(fetching, signal);
  const records = selectCommitted(fetched, range);
  // A batch may reach beyond the range: the next reading takes the rest of it.
  const next = afterFetch(fetched, from);
  return { records, next: next < to ? next : to };
}

const READ_COMMITTED = 1;

async function fetchFrom(
  broker: Broker,
  { topic, partition, from }: KnownRange,
  { maxBytes, maxWaitMs }: FetchLimits,
): Promise<Fetched> {
  const { responses } = await broker.fetch({
    replicaId: -1,
    isolationLevel: READ_COMMITTED,
    maxWaitTime: maxWaitMs,
    minBytes: 1,
    maxBytes,
    topics: [
      {
        topic,
        partitions: [
          {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset: String(from),
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
  { topic, partition, from, to }: KnownRange,
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
