import { partitionOf } from "../../kafka/client/partition-of.ts";
import { readNewest } from "../../kafka/read/read-newest.ts";
import { loadRanges, type ReadContext } from "../../kafka/read/read-ranges.ts";
import type { SinkTopics } from "../sink.ts";
import { deviceIn, endOffsetsOf } from "./drain-marker.ts";
import type { MarkedCluster } from "./drain-markers.ts";

export interface MarkedClusterOptions extends ReadContext {
  readonly connectorName: string;
  readonly topic: string;
  /** Whether records go to a topic of that name. */
  readonly isTarget: (topic: string) => boolean;
  /** Opens topics that know nothing yet: a marker topic that was deleted is created again. */
  readonly openTopics: () => SinkTopics;
}

/** How many records are read first: markers are few, and many connectors may share their topic. */
const FIRST_STEP = 100n;

export function createMarkedCluster(
  options: MarkedClusterOptions,
): MarkedCluster {
  const { connectorName, topic, isTarget, openTopics } = options;
  return {
    endOffsets: async (signal) =>
      endOffsetsOf(await loadRanges(options, isTarget, signal)),

    async markedDevice(signal) {
      const isMarkers = (one: string) => one === topic;
      const ranges = await loadRanges(options, isMarkers, signal);
      const home = partitionOf(connectorName, ranges.length);
      const [newest] = await readNewest(
        options,
        ranges.filter(({ partition }) => partition === home),
        ({ key }) => key === connectorName,
        FIRST_STEP,
        signal,
      );
      return deviceIn(newest?.value ?? null);
    },

    async prepare(signal) {
      const faults = await openTopics().prepare([topic], signal);
      const why = faults.get(topic);
      if (why !== undefined) throw why;
    },
  };
}
