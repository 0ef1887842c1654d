import { explain, withAdmin } from "../../kafka/client/connection.ts";
import { partitionOf } from "../../kafka/client/partition-of.ts";
import { abortable } from "../../lib/abortable.ts";
import { openCluster } from "../../kafka/read/partition-reader.ts";
import { readNewest } from "../../kafka/read/read-newest.ts";
import {
  loadTopicRanges,
  type ReadContext,
} from "../../kafka/read/read-ranges.ts";
import { createTopics, type NewTopics } from "../topics/topic-creation.ts";
import { deviceIn, endOffsetsOf } from "./drain-marker.ts";
import type { MarkedCluster } from "./drain-markers.ts";

export interface MarkedClusterOptions extends ReadContext {
  readonly connectorName: string;
  readonly topic: string;
  /** Whether records go to a topic of that name. */
  readonly isTarget: (topic: string) => boolean;
  readonly newTopics: NewTopics & { readonly create: boolean };
}

/** How many records are read first: markers are few, and many connectors may share their topic. */
const FIRST_STEP = 100n;

/** Looks at the cluster over one set of connections: some brokers of a list may be silent, and each takes time. */
export function createMarkedCluster(
  options: MarkedClusterOptions,
): MarkedCluster {
  const { kafka, connectorName, topic, isTarget } = options;
  return {
    async visit(signal, task) {
      try {
        await using opened = await openCluster(options, signal);
        const { cluster } = opened;
        const { topicMetadata } = await abortable(cluster.metadata(), signal);
        const names = topicMetadata.map((one) => one.topic);
        const isThere = names.includes(topic);
        const reading = { ...options, connected: cluster };
        const rangesOf = (topics: readonly string[]) =>
          loadTopicRanges(reading, topics, signal);
        return await task({
          endOffsets: async () =>
            endOffsetsOf(await rangesOf(names.filter(isTarget))),
          async markedDevice() {
            const markers = await rangesOf(isThere ? [topic] : []);
            const home = partitionOf(connectorName, markers.length);
            const [newest] = await readNewest(
              reading,
              markers.filter(({ partition }) => partition === home),
              ({ key }) => key === connectorName,
              FIRST_STEP,
              signal,
            );
            return deviceIn(newest?.value ?? null);
          },
          prepare: () =>
            isThere ? Promise.resolve() : createTopic(options, signal),
        });
      } catch (error) {
        signal.throwIfAborted();
        throw await explain(kafka, error);
      }
    },
  };
}

async function createTopic(
  { kafka, topic, newTopics }: MarkedClusterOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!newTopics.create)
    throw new Error("the topic does not exist, and topics.create is false");
  const faults = await withAdmin(kafka, signal, (admin) =>
    createTopics(admin, [topic], newTopics),
  );
  const why = faults.get(topic);
  if (why !== undefined) throw why;
}
