import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { createCluster, type WholeCluster } from "../client/cluster.ts";
import type { Kafka } from "../client/kafkajs.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import {
  fetchCommitted,
  loadOffset,
  lostRecords,
  type StoredRecord,
} from "./fetch-committed.ts";

export type { StoredRecord };

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

/** A range whose end is known. */
export type WholeRange = PartitionRange & { readonly to: bigint };

/** Every reading takes these from its caller. */
export interface ReadContext {
  readonly kafka: Kafka;
  readonly clock: Clock;
  /** Readings use it one after the other; without it, each opens its own connections. */
  readonly connected?: WholeCluster;
}

/** A cluster that was opened for one task. */
interface OpenedCluster extends AsyncDisposable {
  readonly cluster: WholeCluster;
}

/** Opens connections to the brokers, unless the context has them. Rejects with kafkajs's errors, or the signal's reason. */
export async function openCluster(
  { kafka, connected }: ReadContext,
  signal: AbortSignal,
): Promise<OpenedCluster> {
  const cluster = connected ?? createCluster(kafka);
  const disconnect = () => {
    if (connected === undefined)
      void cluster.disconnect().catch(() => undefined);
  };
  try {
    if (connected === undefined) await abortable(cluster.connect(), signal);
  } catch (error) {
    disconnect();
    throw error;
  }
  return {
    cluster,
    [Symbol.asyncDispose]() {
      disconnect();
      return Promise.resolve();
    },
  };
}

/**
 * Reads a partition as a read_committed consumer does, up to `to` or the high watermark at the time
 * of the call. Waits for the end of transactions that are open there. Returns the offset to resume
 * from. Rejects with kafkajs's errors, or the signal's reason.
 *
 * It sends its own requests: kafkajs reads only through consumer groups, whose joining takes
 * seconds, and ends at the last stable offset, though committed records may follow it.
 */
export async function* readCommitted(
  context: ReadContext,
  range: PartitionRange,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredRecord[], bigint> {
  await using opened = await openCluster(context, signal);
  const { cluster } = opened;
  const { topic, partition } = range;
  await abortable(cluster.addMultipleTargetTopics([topic]), signal);
  const at = { topic, partition };
  const latest = await loadOffset(cluster, at, "latest", signal);
  const { to = latest } = range;
  const end = to < latest ? to : latest;
  let position = range.from;
  if (position > latest && range.isContinued === true)
    throw lostRecords(at, latest, position);
  const start = await loadOffset(cluster, at, "earliest", signal);
  if (position < start || position > latest) position = start;
  while (position < end) {
    const whole = { topic, partition, from: position, to: end };
    const { records, next } = await fetchCommitted(cluster, whole, signal);
    if (records.length > 0) yield records.map((record) => record.stored());
    position = next;
  }
  return position;
}
