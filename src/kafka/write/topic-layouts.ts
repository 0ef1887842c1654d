import { abortable } from "../../lib/abortable.ts";
import type { Cluster } from "../client/cluster.ts";
import type { TopicPartition } from "../client/partition-of.ts";

/** The partitions and leaders of the topics that one producer writes to, asked for once. */
export class TopicLayouts {
  readonly madeMs: number;
  readonly #leaders = new Map<string, readonly string[]>();

  constructor(nowMs: number) {
    this.madeMs = nowMs;
  }

  /** Loads topics that are not known, or may have changed. Rejects when a topic got more partitions. */
  async load(
    cluster: Cluster,
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (topics.length === 0) return;
    const broker = await abortable(cluster.findControllerBroker(), signal);
    const { topicMetadata } = await abortable(broker.metadata(topics), signal);
    for (const { topic, partitionMetadata } of topicMetadata) {
      const leaders: string[] = [];
      for (const { partitionId, leader } of partitionMetadata)
        leaders[partitionId] = String(leader);
      const known = this.#leaders.get(topic)?.length ?? leaders.length;
      this.#leaders.set(topic, leaders);
      if (known !== leaders.length)
        throw new Error(`topic ${topic} got more partitions during the write`);
    }
  }

  unknown(topics: readonly string[]): string[] {
    return topics.filter((topic) => !this.#leaders.has(topic));
  }

  partitionsOf(topic: string): number {
    return this.#leaders.get(topic)?.length ?? 0;
  }

  /** The id of the broker that leads a partition; "-1" when none is known. */
  readonly leaderOf = ({ topic, partition }: TopicPartition): string =>
    this.#leaders.get(topic)?.[partition] ?? "-1";
}
