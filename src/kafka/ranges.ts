import type { Kafka } from "kafkajs";
import { TypeFault, UnavailableFault } from "../pipeline/faults.ts";
import { withAdmin } from "./connection.ts";
import { reasonOf, refusalOf } from "./errors.ts";
import type { PartitionRange } from "./partition-reader.ts";

/**
 * All that ended transactions have put into the chosen topics up to now, by partition; those
 * without records are there too. Rejects with an UnavailableFault, or a TypeFault when the topics
 * can't be read.
 */
export async function rangesOf(
  kafka: Kafka,
  isWanted: (topic: string) => boolean,
  signal: AbortSignal,
): Promise<Required<PartitionRange>[]> {
  return withAdmin(kafka, signal, async (admin) => {
    try {
      const topics = (await admin.listTopics()).filter(isWanted);
      const ranges: Required<PartitionRange>[] = [];
      for (const topic of topics)
        for (const { partition, low, high } of await admin.fetchTopicOffsets(
          topic,
        ))
          ranges.push({
            topic,
            partition,
            from: BigInt(low),
            to: BigInt(high),
          });
      return ranges;
    } catch (cause) {
      throw readFault("the topics", cause);
    }
  });
}

/** What keeps topics from being read: something that passes, or a permission. */
export function readFault(what: string, cause: unknown): Error {
  const message = `${what} can't be read: ${reasonOf(cause)}`;
  return refusalOf(cause) === "topic"
    ? new TypeFault(
        `${message}; allow the principal Describe and Read on the topics`,
        { cause },
      )
    : new UnavailableFault(message, { cause });
}
