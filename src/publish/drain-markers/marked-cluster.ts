import { withAdmin } from "../../kafka/client/connection.ts";
import type { Admin } from "../../kafka/client/kafkajs.ts";
import { partitionOf } from "../../kafka/client/partition-of.ts";
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

/** Looks at the cluster over as few connections as there can be: some brokers of a list may be silent. */
export function createMarkedCluster(
  options: MarkedClusterOptions,
): MarkedCluster {
  const { kafka, connectorName, topic, isTarget } = options;
  return {
    visit: (signal, task) =>
      withAdmin(kafka, signal, async (admin) => {
        const names = await admin.listTopics();
        const isThere = names.includes(topic);
        const rangesOf = (topics: readonly string[]) =>
          loadTopicRanges(options, topics, signal);
        return task({
          endOffsets: async () =>
            endOffsetsOf(await rangesOf(names.filter(isTarget))),
          async markedDevice() {
            const markers = await rangesOf(isThere ? [topic] : []);
            const home = partitionOf(connectorName, markers.length);
            const [newest] = await readNewest(
              options,
              markers.filter(({ partition }) => partition === home),
              ({ key }) => key === connectorName,
              FIRST_STEP,
              signal,
            );
            return deviceIn(newest?.value ?? null);
          },
          prepare: () =>
            isThere ? Promise.resolve() : createTopic(admin, options),
        });
      }),
  };
}

async function createTopic(
  admin: Admin,
  { topic, newTopics }: MarkedClusterOptions,
): Promise<void> {
  if (!newTopics.create)
    throw new Error("the topic does not exist, and topics.create is false");
  const faults = await createTopics(admin, [topic], newTopics);
  const why = faults.get(topic);
  if (why !== undefined) throw why;
}
