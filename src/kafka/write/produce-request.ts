import { abortable } from "../../lib/abortable.ts";
import type { Broker, ProduceRequest } from "../client/cluster.ts";
import type { PartitionBatch } from "./producer-state.ts";
import type { Leaders } from "./topic-layouts.ts";

/** Groups the batches that are not confirmed yet by the broker that leads their partitions. */
export async function groupByLeader(
  leaders: Leaders,
  batches: readonly PartitionBatch[],
  signal: AbortSignal,
): Promise<Map<Broker, PartitionBatch[]>> {
  const byNode = new Map<string, PartitionBatch[]>();
  for (const batch of batches) {
    if (batch.isConfirmed) continue;
    const { topic, partition } = batch;
    const [nodeId = "-1"] = Object.keys(
      leaders.findLeaderForPartitions(topic, [partition]),
    );
    const known = byNode.get(nodeId);
    if (known === undefined) byNode.set(nodeId, [batch]);
    else known.push(batch);
  }
  const byBroker = new Map<Broker, PartitionBatch[]>();
  for (const [nodeId, led] of byNode) {
    const broker = await abortable(leaders.findBroker({ nodeId }), signal);
    byBroker.set(broker, [...(byBroker.get(broker) ?? []), ...led]);
  }
  return byBroker;
}

/** Converts numbered batches to the data of a produce request. All records get the same time. */
export function toTopicData(
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
