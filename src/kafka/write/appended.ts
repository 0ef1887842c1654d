import type { ProduceResponse } from "../client/cluster.ts";
import type { TopicPartition } from "../client/partition-of.ts";

/** Where the records of a batch begin in a partition. */
export interface Appended extends TopicPartition {
  readonly baseOffset: bigint;
}

/** Reads where the records of a request were appended; of a partition whose broker does not tell, nothing. */
export function whereAppended({ topics }: ProduceResponse): Appended[] {
  return topics.flatMap(({ topicName: topic, partitions }) =>
    partitions
      .map(({ partition, baseOffset }) => ({
        topic,
        partition,
        baseOffset: BigInt(baseOffset),
      }))
      .filter(({ baseOffset }) => baseOffset >= 0n),
  );
}
