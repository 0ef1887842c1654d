import type { Kafka } from "../kafka/client/kafkajs.ts";
import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../lib/abortable.ts";
import {
  createCluster,
  type AskedBroker,
  type Cluster,
} from "../kafka/client/cluster.ts";
import { errorTypeOf, reasonOf } from "../kafka/client/errors.ts";
import type { Finding } from "./topic-findings.ts";

const TRANSACTION = 1;
/** Of a cluster that never had a transaction, the first question has the coordinators' topic made. */
const COORDINATOR_ATTEMPTS = 10;
const ATTEMPT_EVERY_MS = 500;

const passing = new Set([
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
]);

/** Refusals of a request whose transactional id was found to be allowed. */
const refusalsOfTheRest = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "TOPIC_AUTHORIZATION_FAILED",
  "INVALID_PRODUCER_ID_MAPPING",
]);

/**
 * Whether transactions may be made under a transactional id, which is not taken over: that would
 * end those of a connector that runs. `unknownTopic` is the name of a topic that does not exist.
 */
export async function transactionFinding(
  kafka: Kafka,
  transactionalId: string,
  unknownTopic: string,
  signal: AbortSignal,
): Promise<Finding> {
  const what = "transactions";
  const id = `the transactional id ${transactionalId}`;
  const cluster = createCluster(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.refreshMetadata(), signal);
    const nodeId = await coordinatorOf(cluster, transactionalId, signal);
    const mayWrite = await abortable(
      mayWriteUnder(cluster, nodeId, transactionalId, unknownTopic),
      signal,
    );
    const write = mayWrite
      ? "the principal may Describe and Write on it; a"
      : "the principal may Describe it; whether it may Write is untried, and a";
    return {
      status: "ok",
      what,
      message: `${id} has broker ${nodeId} for its coordinator, and ${write} transaction is untried, since it would end those of a connector that runs`,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (errorTypeOf(error)?.includes("AUTHORIZATION") === true)
      return denied(id, error);
    return {
      status: "failed",
      what,
      message: `${id} gets no coordinator: ${reasonOf(error)}. Look at the brokers' topic __transaction_state: it needs as many brokers as transaction.state.log.replication.factor says, and leaders`,
    };
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

function denied(id: string, error: unknown): Finding {
  return {
    status: "failed",
    what: "transactions",
    message: `${id} is denied: ${reasonOf(error)}. Allow the principal Describe and Write on it`,
  };
}

async function coordinatorOf(
  cluster: Cluster,
  groupId: string,
  signal: AbortSignal,
): Promise<number> {
  const controller = await abortable(cluster.findControllerBroker(), signal);
  const broker = controller as AskedBroker;
  for (let attempt = 1; ; attempt++)
    try {
      const { coordinator } = await abortable(
        broker.findGroupCoordinator({ groupId, coordinatorType: TRANSACTION }),
        signal,
      );
      return coordinator.nodeId;
    } catch (error) {
      const mayPass = passing.has(errorTypeOf(error) ?? "");
      if (!mayPass || attempt >= COORDINATOR_ATTEMPTS) throw error;
      await delay(ATTEMPT_EVERY_MS, undefined, { signal });
    }
}

/**
 * Asks for a topic that does not exist to be added to a transaction, as a producer that does not
 * exist. The broker looks at the right to the transactional id first, and then refuses, before it
 * looks at any transaction. False when that is not told; rejects when it is denied.
 */
async function mayWriteUnder(
  cluster: Cluster,
  nodeId: number,
  transactionalId: string,
  topic: string,
): Promise<boolean> {
  const broker = (await cluster.findBroker({
    nodeId: String(nodeId),
  })) as AskedBroker;
  try {
    await broker.addPartitionsToTxn({
      transactionalId,
      producerId: -1,
      producerEpoch: -1,
      topics: [{ topic, partitions: [0] }],
    });
    return false;
  } catch (error) {
    const type = errorTypeOf(error) ?? "";
    if (type === "TRANSACTIONAL_ID_AUTHORIZATION_FAILED") throw error;
    return refusalsOfTheRest.has(type);
  }
}
