import {
  isRetryable,
  TypeFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { retry } from "../../lib/retry.ts";
import type { Cluster } from "../client/cluster.ts";
import { withAdmin } from "../client/connection.ts";
import { brokerReason, refusalOf } from "../client/errors.ts";
import { listOffsets, type LedPartition } from "./list-offsets.ts";
import {
  openCluster,
  readCommitted,
  type PartitionRange,
  type ReadContext,
  type StoredRecord,
  type WholeRange,
} from "./partition-reader.ts";

export type { ReadContext };

/** Takes some records of one partition, in their order. */
export type Take = (records: readonly StoredRecord[]) => void | Promise<void>;

/** The second one is on its way while this process unpacks the first; more take memory and save no time. */
const PARALLEL_PARTITIONS = 2;

/** With the waits between them these take about a minute: a broker restarts in less. */
const MOST_FAILURES = 12;

/**
 * Returns a range for each partition of the chosen topics, from its first record to its high
 * watermark; also for partitions without records. Includes transactions that are still open. Waits
 * while leaders are elected. Rejects with an UnavailableFault, or with a TypeFault when this
 * principal may not read the topics.
 */
export async function loadRanges(
  context: ReadContext,
  isWanted: (topic: string) => boolean,
  signal: AbortSignal,
): Promise<WholeRange[]> {
  const topics = await withAdmin(context.kafka, signal, async (admin) => {
    try {
      return (await admin.listTopics()).filter(isWanted);
    } catch (cause) {
      throw readFault("the topics", null, cause);
    }
  });
  return loadTopicRanges(context, topics, signal);
}

/** Does the same for topics that exist. */
export async function loadTopicRanges(
  context: ReadContext,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<WholeRange[]> {
  if (topics.length === 0) return [];
  const load = () => loadRangesOf(context, topics, signal);
  return retryRead(context.clock, load, signal);
}

/**
 * Reads every committed record of the ranges once, each partition in its order, several partitions
 * at a time. Resumes at the same record after a broker failed. Rejects with an UnavailableFault once
 * several attempts in a row brought nothing, with a TypeFault when this principal may not read a
 * topic, or with the error of `take`.
 */
export async function readRanges(
  context: ReadContext,
  ranges: readonly PartitionRange[],
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...ranges];
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const work = async () => {
    try {
      for (let range = waiting.pop(); range; range = waiting.pop())
        await readRange(context, range, take, either);
    } catch (error) {
      broken.abort(error);
      throw error;
    }
  };
  const workers = Array.from({ length: PARALLEL_PARTITIONS }, work);
  await Promise.allSettled(workers);
  either.throwIfAborted();
}

/**
 * Repeats a task while it rejects with UnavailableFaults. Throws the last one after a minute or so
 * of attempts in a row that did not call `progressed`.
 */
export function retryRead<T>(
  clock: Clock,
  task: (progressed: () => void) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return retry(
    task,
    { clock, isRetryable, maxFailures: MOST_FAILURES },
    signal,
  );
}

async function loadRangesOf(
  context: ReadContext,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<WholeRange[]> {
  try {
    await using opened = await openCluster(context, signal);
    const { cluster } = opened;
    // A cluster that was just opened learns of the brokers by this; a shared one would ask for the topics ever after.
    if (context.connected === undefined)
      await abortable(cluster.addMultipleTargetTopics(topics), signal);
    const partitions = await partitionsOf(cluster, topics, signal);
    const starts = await listOffsets(cluster, partitions, "earliest", signal);
    const ends = await listOffsets(cluster, partitions, "latest", signal);
    return ends.map(({ topic, partition, offset }, index) => ({
      topic,
      partition,
      from: starts[index]?.offset ?? 0n,
      to: offset,
    }));
  } catch (cause) {
    signal.throwIfAborted();
    throw readFault("the topics", null, cause);
  }
}

async function partitionsOf(
  cluster: Cluster,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<LedPartition[]> {
  const broker = await abortable(cluster.findControllerBroker(), signal);
  const { topicMetadata } = await abortable(broker.metadata(topics), signal);
  return topicMetadata.flatMap(({ topic, partitionMetadata }) =>
    partitionMetadata.map(({ partitionId: partition, leader }) => ({
      topic,
      partition,
      leader: String(leader),
    })),
  );
}

async function readRange(
  context: ReadContext,
  range: PartitionRange,
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  let from = range.from;
  const attempt = async (progressed: () => void) => {
    const reading = readCommitted(context, { ...range, from }, signal);
    try {
      for (;;) {
        const records = await nextRecords(reading, range, signal);
        if (records === null) return;
        await take(records);
        from = (records.at(-1)?.offset ?? from - 1n) + 1n;
        progressed();
      }
    } finally {
      await reading.return(from);
    }
  };
  await retryRead(context.clock, attempt, signal);
}

/** Returns null at the end of the range. */
async function nextRecords(
  reading: ReturnType<typeof readCommitted>,
  { topic, partition }: PartitionRange,
  signal: AbortSignal,
): Promise<readonly StoredRecord[] | null> {
  try {
    const next = await reading.next();
    return next.done === true ? null : next.value;
  } catch (cause) {
    signal.throwIfAborted();
    throw readFault(`partition ${partition}`, topic, cause);
  }
}

/** A TypeFault when this principal may not read, else an UnavailableFault. */
function readFault(what: string, topic: string | null, cause: unknown): Error {
  const message = `can't be read: ${brokerReason(cause)}`;
  if (refusalOf(cause) !== "topic")
    return new UnavailableFault(
      `${topic === null ? what : `${what} of ${topic}`} ${message}`,
      { cause },
    );
  return new TypeFault(
    {
      code: "topic-denied",
      reason: `${what} ${message}`,
      remedy: "allow the connector's principal Describe and Read on it",
      ...(topic !== null && { subject: topic }),
    },
    { cause },
  );
}
