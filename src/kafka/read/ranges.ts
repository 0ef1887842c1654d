import type { Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import { clusterOf, type Cluster } from "../client/cluster.ts";
import { withAdmin } from "../client/connection.ts";
import { placeOf, type WholeRange } from "./partition-reader.ts";
import { persevere } from "./persevere.ts";
import { readFault } from "./read-fault.ts";
import type { Connection } from "./read-ranges.ts";

/**
 * All that was written to the chosen topics up to now, by partition, also by transactions that are
 * still open; partitions without records are there too. Waits while leaders are elected. Rejects
 * with an UnavailableFault, or a TypeFault when the topics may not be read.
 */
export async function rangesOf(
  { kafka, clock }: Connection,
  isWanted: (topic: string) => boolean,
  signal: AbortSignal,
): Promise<WholeRange[]> {
  const topics = await withAdmin(kafka, signal, async (admin) => {
    try {
      return (await admin.listTopics()).filter(isWanted);
    } catch (cause) {
      throw readFault("the topics", cause);
    }
  });
  if (topics.length === 0) return [];
  return persevere(clock, () => rangesIn(kafka, topics, signal), signal);
}

async function rangesIn(
  kafka: Kafka,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<WholeRange[]> {
  const cluster = clusterOf(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.addMultipleTargetTopics(topics), signal);
    const starts = await abortable(offsetsOf(cluster, topics, true), signal);
    const ends = await abortable(offsetsOf(cluster, topics, false), signal);
    return ends.map(({ topic, partition, offset }, place) => ({
      topic,
      partition,
      from: starts[place]?.offset ?? 0n,
      to: offset,
    }));
  } catch (cause) {
    signal.throwIfAborted();
    throw readFault("the topics", cause);
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** Of the first record, or behind the last one, of every partition, in the order of the topics. */
async function offsetsOf(
  cluster: Cluster,
  topics: readonly string[],
  fromBeginning: boolean,
): Promise<{ topic: string; partition: number; offset: bigint }[]> {
  const queries = topics.map((topic) => ({
    topic,
    partitions: cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => ({ partition: partitionId })),
    fromBeginning,
  }));
  const found = new Map<string, bigint>();
  for (const { topic, partitions } of await cluster.fetchTopicsOffset(queries))
    for (const { partition, offset } of partitions)
      found.set(placeOf({ topic, partition }), BigInt(offset));
  return queries.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition }) => ({
      topic,
      partition,
      offset: found.get(placeOf({ topic, partition })) ?? 0n,
    })),
  );
}
