import { cutText } from "../../../../lib/text/cut-text.ts";
import { isUnsettledLeader } from "../../errors.ts";
import { wrapRequests } from "./wrapped-requests.ts";

const LEADER_NOT_AVAILABLE = 5;
const LONGEST_TOPIC = 249;

interface Metadata {
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly topicErrorCode: number;
    readonly partitionMetadata: readonly {
      readonly partitionErrorCode: number;
    }[];
  }[];
}

/**
 * Lets kafkajs read metadata in which a partition has no leader. kafkajs 2.2.4 refuses such an
 * answer, and its first request names all topics of the cluster: a foreign topic without a leader
 * keeps it from connecting. A write to such a partition finds no broker -1, and is repeated. The
 * error of a topic that a broker does not know yet names it.
 */
export function tolerateAbsentLeaders(): void {
  wrapRequests("metadata", ({ response }) => ({
    response: {
      ...response,
      parse: async (answer) => {
        const tolerated = withoutLeaderErrors(answer as Metadata);
        try {
          return await response.parse(tolerated);
        } catch (error) {
          if (error instanceof Error && isUnsettledLeader(error))
            nameTopic(error, tolerated);
          throw error;
        }
      },
    },
  }));
}

/** kafkajs does not say of which topic a broker knows nothing yet. */
function nameTopic(error: Error, { topicMetadata }: Metadata): void {
  const refused = topicMetadata.find(
    ({ topicErrorCode, partitionMetadata }) =>
      topicErrorCode !== 0 ||
      partitionMetadata.some(
        ({ partitionErrorCode }) => partitionErrorCode !== 0,
      ),
  );
  if (refused === undefined) return;
  const start = `topic ${cutText(refused.topic, LONGEST_TOPIC)}: `;
  // Another copy of this module, as each test file has its own, may have wrapped the parser before.
  if (!error.message.startsWith(start)) error.message = start + error.message;
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
