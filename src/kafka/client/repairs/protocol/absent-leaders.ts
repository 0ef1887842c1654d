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
 * Lets kafkajs read metadata in which a partition has no leader. kafkajs 2.2.4 refuses such an
 * answer, and its first request names all topics of the cluster: a foreign topic without a leader
 * keeps it from connecting. A write to such a partition finds no broker -1, and is repeated.
 */
export function tolerateAbsentLeaders(): void {
  wrapParsers<Metadata>(
    "metadata",
    VERSIONS,
    (parse) => (metadata) => parse(withoutLeaderErrors(metadata)),
  );
}

function withoutLeaderErrors(metadata: Metadata): Metadata {
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
