import { abortable } from "../../lib/abortable.ts";
import type { Broker, Cluster, ProduceRequest } from "../client/cluster.ts";
import type { PartitionBatch } from "./producer-state.ts";
import type { KafkaRecord } from "./kafka-writer.ts";

/** Groups the batches that are not confirmed yet by the broker that leads their partitions. */
export async function groupByLeader(
  cluster: Cluster,
  batches: readonly PartitionBatch[],
  signal: AbortSignal,
): Promise<Map<Broker, PartitionBatch[]>> {
  const byNode = new Map<string, PartitionBatch[]>();
  for (const batch of batches) {
    if (batch.isConfirmed) continue;
    const { topic, partition } = batch;
    const [nodeId = "-1"] = Object.keys(
      cluster.findLeaderForPartitions(topic, [partition]),
    );
    const known = byNode.get(nodeId);
    if (known === undefined) byNode.set(nodeId, [batch]);
    else known.push(batch);
  }
  const leaders = new Map<Broker, PartitionBatch[]>();
  for (const [nodeId, led] of byNode) {
    const broker = await abortable(cluster.findBroker({ nodeId }), signal);
    leaders.set(broker, [...(leaders.get(broker) ?? []), ...led]);
  }
  return leaders;
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

/** Converts records to what kafkajs's own producers send. All records get the same time. */
export function toTopicMessages(
  records: readonly KafkaRecord[],
  timestampMs: number,
) {
  const timestamp = String(timestampMs);
  const topics = Map.groupBy(records, ({ topic }) => topic);
  return [...topics].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ partition, key, value, headers }) => ({
      ...(partition !== undefined && { partition }),
      key,
      value,
      headers: { ...headers },
      timestamp,
    })),
  }));
}
