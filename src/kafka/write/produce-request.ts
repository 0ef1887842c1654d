import { abortable } from "../../lib/abortable.ts";
import type {
  Broker,
  ProduceMessage,
  ProduceRequest,
} from "../client/cluster.ts";
import type { PartitionBatch } from "./producer-state.ts";
import type { KafkaRecord } from "./kafka-writer.ts";
import type { Leaders } from "./topic-layouts.ts";

/** Groups the batches that are not confirmed yet by the broker that leads their partitions. */
export async function groupByLeader(
  leaders: Leaders,
  batches: readonly PartitionBatch[],
  signal: AbortSignal,
): Promise<Map<Broker, PartitionBatch[]>> {
  const byBroker = new Map<Broker, PartitionBatch[]>();
  for (const batch of batches) {
    if (batch.isConfirmed) continue;
    const { topic, partition } = batch;
    const [nodeId = "-1"] = Object.keys(
      leaders.findLeaderForPartitions(topic, [partition]),
    );
    const broker = await abortable(leaders.findBroker({ nodeId }), signal);
    const known = byBroker.get(broker);
    if (known === undefined) byBroker.set(broker, [batch]);
    else known.push(batch);
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
      messages: records.map((record) => toMessage(record, timestamp)),
    })),
  }));
}

function toMessage(
  { key, value, headers }: KafkaRecord,
  timestamp: string,
): ProduceMessage {
  return { key, value, headers: { ...headers }, timestamp };
}
