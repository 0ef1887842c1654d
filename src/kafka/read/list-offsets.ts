import { abortable } from "../../lib/abortable.ts";
import type { Cluster } from "../client/cluster.ts";
import { partitionId, type TopicPartition } from "../client/partition-of.ts";

/** A partition, and the id of the broker that leads it; "-1" when none is known. */
export interface LedPartition extends TopicPartition {
  readonly leader: string;
}

const READ_UNCOMMITTED = 0;

/** In the requests of the Kafka protocol. */
const TIMESTAMPS = { latest: -1, earliest: -2 };

/**
 * Asks the leaders for the offset of the first record of each partition, or for its high watermark:
 * committed records may follow the last stable offset. Rejects with kafkajs's errors, or the signal's
 * reason.
 */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly LedPartition[],
  which: keyof typeof TIMESTAMPS,
  signal: AbortSignal,
): Promise<(TopicPartition & { readonly offset: bigint })[]> {
  const timestamp = TIMESTAMPS[which];
  const ask = async (nodeId: string, led: readonly LedPartition[]) => {
    const broker = await abortable(cluster.findBroker({ nodeId }), signal);
    const topics = [...Map.groupBy(led, ({ topic }) => topic)];
    const asked = broker.listOffsets({
      isolationLevel: READ_UNCOMMITTED,
      topics: topics.map(([topic, own]) => ({
        topic,
        partitions: own.map(({ partition }) => ({ partition, timestamp })),
      })),
    });
    return (await abortable(asked, signal)).responses;
  };
  const byLeader = Map.groupBy(partitions, ({ leader }) => leader);
  const answers = await Promise.all(
    [...byLeader].map(([nodeId, led]) => ask(nodeId, led)),
  );
  const offsets = new Map<string, bigint>();
  for (const { topic, partitions: answered } of answers.flat())
    for (const { partition, offset } of answered)
      offsets.set(partitionId({ topic, partition }), BigInt(offset));
  return partitions.map((at) => {
    const offset = offsets.get(partitionId(at));
    if (offset === undefined)
      throw new Error(
        `the broker's answer tells no offset of partition ${at.partition} of ${at.topic}`,
      );
    return { topic: at.topic, partition: at.partition, offset };
  });
}
