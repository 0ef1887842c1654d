import { abortable } from "../../lib/abortable.ts";
import { leaderOf, type Broker, type Cluster } from "../client/cluster.ts";
import type { Fetched, FetchedBatch } from "../client/fetched.ts";
import type { IHeaders } from "../client/kafkajs.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import { listOffsets } from "./list-offsets.ts";
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

/** A record of a fetch, most of which are looked at for their keys alone. */
interface FetchedRecord extends Pick<StoredRecord, "offset" | "key"> {
  /** Decodes the rest. */
  stored(): StoredRecord;
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
  const leader = leaderOf(cluster, { topic, partition });
  const at = { topic, partition, leader };
  const [found] = await listOffsets(cluster, [at], which, signal);
  return found?.offset ?? 0n;
}

/** The result of one fetch: the committed records of the range, and the offset behind them. */
export interface Chunk {
  readonly records: readonly FetchedRecord[];
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

/** Keeps the committed records of the range: a batch may begin before it and end behind it. */
function selectCommitted(
  { batches, abortedTransactions }: Fetched,
  { from, to, ...at }: KnownRange,
): FetchedRecord[] {
  const records: FetchedRecord[] = [];
  for (const batch of withoutAborted(batches, abortedTransactions)) {
    if (batch.nextOffset <= from) continue;
    for (let index = 0; index < batch.length; index++) {
      const offset = batch.offsetOf(index);
      if (offset >= from && offset < to)
        records.push(new RecordInBatch(at, batch, index, offset));
    }
  }
  return records;
}

class RecordInBatch implements FetchedRecord {
  readonly offset: bigint;
  readonly key: string;
  readonly #at: TopicPartition;
  readonly #batch: FetchedBatch;
  readonly #index: number;

  constructor(
    at: TopicPartition,
    batch: FetchedBatch,
    index: number,
    offset: bigint,
  ) {
    this.offset = offset;
    this.key = batch.keyOf(index)?.toString("utf8") ?? "";
    this.#at = at;
    this.#batch = batch;
    this.#index = index;
  }

  stored(): StoredRecord {
    const { topic, partition } = this.#at;
    const batch = this.#batch;
    return {
      topic,
      partition,
      offset: this.offset,
      key: this.key,
      value: batch.valueOf(this.#index),
      timestampMs: batch.timestampMsOf(this.#index),
      headers: batch.headersOf(this.#index),
    };
  }
}

function afterFetch(
  { batches, lastStableOffset }: Fetched,
  position: bigint,
): bigint {
  const next = batches.at(-1)?.nextOffset ?? position;
  if (next > position) return next;
  // Compaction leaves offsets without a batch: the next fetch asks for the following one.
  return position < BigInt(lastStableOffset) ? position + 1n : position;
}
