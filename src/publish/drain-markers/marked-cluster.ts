import type { WholeCluster } from "../../kafka/client/cluster.ts";
import { withAdmin } from "../../kafka/client/connection.ts";
import { errorTypeOf } from "../../kafka/client/errors.ts";
import { partitionOf } from "../../kafka/client/partition-of.ts";
import type { SharedConnections } from "../../kafka/client/shared-connections.ts";
import { abortable } from "../../lib/abortable.ts";
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
  /** All connectors of the process look for their markers over these. */
  readonly connections: SharedConnections;
}

/** How many records are read first: markers are few, and many connectors may share their topic. */
const FIRST_STEP = 100n;

export function createMarkedCluster(
  options: MarkedClusterOptions,
): MarkedCluster {
  const { connectorName, topic, isTarget, connections } = options;
  return {
    visit: (signal, task) =>
      connections.use(async (cluster) => {
        const isThere = await hasTopic(cluster, topic, signal);
        const reading = { ...options, connected: cluster };
        return task({
          async endOffsets() {
            const { topicMetadata } = await abortable(
              cluster.metadata(),
              signal,
            );
            const names = topicMetadata.map((one) => one.topic);
            const targets = names.filter(isTarget);
            return endOffsetsOf(
              await loadTopicRanges(reading, targets, signal),
            );
          },
          async markedDevice() {
            if (!isThere) return null;
            const markers = await loadTopicRanges(reading, [topic], signal);
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
      }, signal),
  };
}

/** A broker hides a topic by these errors. A principal that may not see the topic learns so when it creates it. */
const hidden = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "TOPIC_AUTHORIZATION_FAILED",
]);

/** Asks for the one topic: the list of all is long where there are many connectors. */
async function hasTopic(
  cluster: WholeCluster,
  topic: string,
  signal: AbortSignal,
): Promise<boolean> {
  const broker = await abortable(cluster.findControllerBroker(), signal);
  try {
    await abortable(broker.metadata([topic]), signal);
    return true;
  } catch (error) {
    if (hidden.has(errorTypeOf(error) ?? "")) return false;
    throw error;
  }
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
