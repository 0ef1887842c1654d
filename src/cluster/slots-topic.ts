import type { Kafka } from "../kafka/client/kafkajs.ts";
import { DeniedFault } from "../domain/faults.ts";
import { withAdmin } from "../kafka/client/connection.ts";
import { errorTypeOf, brokerReason } from "../kafka/client/errors.ts";
import { loadPartitionCount } from "../kafka/read/partition-reader.ts";
import { CLUSTER_TOPIC } from "../lib/kafka-topics.ts";

/** Enough for even shares among a few dozen instances. */
const SLOTS = 64;

/** Creates the topic if it is missing, and returns the number of its partitions, the slots. One attempt. */
export async function ensureSlotsTopic(
  kafka: Kafka,
  signal: AbortSignal,
): Promise<number> {
  await withAdmin(kafka, signal, async (admin) => {
    if ((await admin.listTopics()).includes(CLUSTER_TOPIC)) return;
    try {
      await admin.createTopics({
        topics: [{ topic: CLUSTER_TOPIC, numPartitions: SLOTS }],
        waitForLeaders: true,
      });
    } catch (error) {
      if (errorTypeOf(error) === "TOPIC_ALREADY_EXISTS") return;
      if (errorTypeOf(error)?.includes("AUTHORIZATION") !== true) throw error;
      throw new DeniedFault(
        "kafka",
        `topic ${CLUSTER_TOPIC} can't be created: ${brokerReason(error)}; create it yourself with ${SLOTS} partitions, or allow the principal of cluster.json to`,
        { cause: error },
      );
    }
  });
  return loadPartitionCount(kafka, CLUSTER_TOPIC, signal);
}
