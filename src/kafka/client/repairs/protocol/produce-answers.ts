import { createRequire } from "node:module";
import type { ProduceResponse } from "../../cluster.ts";
import { wrapParsers } from "./parsed-answers.ts";

/** What a broker answers for one partition of a produce request. */
export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's error code; 0 is success. */
  readonly errorCode: number;
}

const require = createRequire(import.meta.url);
const { createErrorFromCode } = require("kafkajs/src/protocol/error") as {
  createErrorFromCode: (code: number) => Error;
};

/** Versions of the produce request that carry a producer id. */
const VERSIONS = [3, 4, 5, 6, 7];
const answers = new WeakMap<Error, readonly PartitionAnswer[]>();

/**
 * Keeps a broker's answer for each partition beside the error that kafkajs 2.2.4 makes of the
 * first refusal: it drops the other answers, which say what was written.
 */
export function keepProduceAnswers(): void {
  wrapParsers<ProduceResponse>(
    "produce",
    VERSIONS,
    (parse) => async (decoded) => {
      try {
        return await parse(decoded);
      } catch (error) {
        if (error instanceof Error) answers.set(error, answersIn(decoded));
        throw error;
      }
    },
  );
}

/** The answers behind an error of a produce request; null when the broker did not answer. */
export function answersBehind(
  error: unknown,
): readonly PartitionAnswer[] | null {
  return error instanceof Error ? (answers.get(error) ?? null) : null;
}

export function answersIn({ topics }: ProduceResponse): PartitionAnswer[] {
  return topics.flatMap(({ topicName: topic, partitions }) =>
    partitions.map(({ partition, errorCode }) => ({
      topic,
      partition,
      errorCode,
    })),
  );
}

/** kafkajs's error for a code of the Kafka protocol. */
export function errorOfCode(code: number): Error {
  return createErrorFromCode(code);
}
