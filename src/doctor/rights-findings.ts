import type { Kafka } from "../kafka/client/kafkajs.ts";
import { abortable } from "../lib/abortable.ts";
import {
  authorizedOperations,
  type Operation,
} from "./authorized-operations.ts";
import { createCluster, type AskedBroker } from "../kafka/client/cluster.ts";
import { errorTypeOf, reasonOf } from "../kafka/client/errors.ts";
import { grouped, type Finding, type TopicTrouble } from "./topic-findings.ts";

const names: Readonly<Record<Operation, string>> = {
  read: "Read",
  write: "Write",
};

/** Whether the principal has the rights that a run needs on topics that exist. Nothing is written. */
export async function topicRights(
  kafka: Kafka,
  needed: ReadonlyMap<string, readonly Operation[]>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const what = "rights on topics";
  const untried = (
    why: string,
    status: Finding["status"] = "ok",
  ): Finding[] => [{ status, what, message: `are untried: ${why}` }];
  const cluster = createCluster(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.refreshMetadata(), signal);
    const broker = await abortable(cluster.findControllerBroker(), signal);
    const asked = authorizedOperations(broker as AskedBroker, [
      ...needed.keys(),
    ]);
    const found = await abortable(asked, signal);
    if (found === null) return untried("the brokers do not tell them");
    const troubles: TopicTrouble[] = [];
    let existing = 0;
    for (const [topic, operations] of needed) {
      const rights = found.get(topic) ?? "unknown";
      if (rights === "unknown") continue;
      const isHidden = rights === "hidden";
      if (!isHidden) existing++;
      const lacking = operations.filter((one) => isHidden || !rights.has(one));
      if (lacking.length === 0) continue;
      const words = lacking.map((one) => names[one]).join(" and ");
      troubles.push({
        status: "failed",
        topic,
        has: isHidden ? "does not exist, or is hidden" : "exists",
        says: `, ${isHidden ? "and" : "but"} the principal may not ${words}. Allow it ${words}`,
      });
    }
    if (troubles.length > 0) return grouped(troubles);
    return existing === 0
      ? untried("none of the topics exists yet")
      : [
          {
            status: "ok",
            what,
            message: `suffice on the ${existing} that exist; on topics that are yet to be created they are untried`,
          },
        ];
  } catch (error) {
    signal.throwIfAborted();
    return untried(reasonOf(error), "warning");
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** An idempotent producer asks for its id when it connects; nothing is written. */
export async function producerFindings(kafka: Kafka): Promise<Finding[]> {
  const what = "writing";
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  try {
    await producer.connect();
    const message = "the brokers give an idempotent producer its id";
    return [{ status: "ok", what, message }];
  } catch (error) {
    const isDenied = errorTypeOf(error)?.includes("AUTHORIZATION") ?? false;
    const message = `no idempotent producer: ${reasonOf(error)}.${isDenied ? " Allow the principal Write on the topics (and IdempotentWrite on the cluster before Kafka 2.8)" : ""}`;
    return [{ status: "failed", what, message }];
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}
