import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import type { ProduceResponse } from "../../cluster.ts";
import type { TopicPartition } from "../../partition-of.ts";
import { wrapRequests } from "./wrapped-requests.ts";

/** A broker's answer for one partition of a produce request. */
export interface PartitionAnswer extends TopicPartition {
  /** Kafka's error code; 0 is success. */
  readonly errorCode: number;
  /** Negative when the broker does not tell. */
  readonly baseOffset: string;
}

const answers = new WeakMap<Error, readonly PartitionAnswer[]>();

/**
 * Keeps a broker's answers for all partitions beside the error that kafkajs 2.2.4 throws for the
 * first refusal. kafkajs drops the other answers, and they say what was written.
 */
export function keepProduceAnswers(): void {
  wrapRequests("produce", ({ response }) => ({
    response: {
      ...response,
      parse: async (decoded) => {
        try {
          return await response.parse(decoded);
        } catch (error) {
          if (error instanceof Error)
            answers.set(error, toPartitionAnswers(decoded as ProduceResponse));
          throw error;
        }
      },
    },
  }));
}

/** Returns the answers kept for an error of a produce request; null when the broker did not answer. */
export function answersBehind(
  error: unknown,
): readonly PartitionAnswer[] | null {
  return error instanceof Error ? (answers.get(error) ?? null) : null;
}

export function toPartitionAnswers({
  topics,
}: ProduceResponse): PartitionAnswer[] {
  return topics.flatMap(({ topicName: topic, partitions }) =>
    partitions.map(({ partition, errorCode, baseOffset }) => ({
      topic,
      partition,
      errorCode,
      baseOffset,
    })),
  );
}

/** Creates kafkajs's error for an error code of the Kafka protocol. */
export function createCodeError(code: number): Error {
  return createErrorFromCode(code);
}
