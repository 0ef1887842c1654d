import { wrapParsers } from "./parsed-answers.ts";

const LEADER_NOT_AVAILABLE = 5;
const VERSIONS = [0, 1, 2, 3, 4, 5, 6];

interface Metadata {
  readonly topicMetadata: readonly {
    readonly partitionMetadata: readonly {
      readonly partitionErrorCode: number;
    }[];
  }[];
}

/**
 * Lets kafkajs read metadata in which a partition has no leader. Before it knows its topics it
 * asks for those of the whole cluster, and kafkajs 2.2.4 refuses the answer when any partition
 * has none: somebody else's topic on a broker that is down would keep it from connecting. A
 * write to such a partition finds no broker with its leader's id, -1, and is tried again.
 */
export function tolerateAbsentLeaders(): void {
  wrapParsers<Metadata>(
    "metadata",
    VERSIONS,
    (parse) => (metadata) => parse(withoutComplaints(metadata)),
  );
}

function withoutComplaints(metadata: Metadata): Metadata {
  return {
    ...metadata,
    topicMetadata: metadata.topicMetadata.map((topic) => ({
      ...topic,
      partitionMetadata: topic.partitionMetadata.map((partition) =>
        partition.partitionErrorCode === LEADER_NOT_AVAILABLE
          ? { ...partition, partitionErrorCode: 0 }
          : partition,
      ),
    })),
  };
}
