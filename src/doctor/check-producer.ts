import type { Kafka } from "../kafka/client/kafkajs.ts";
import { createCluster, type Cluster } from "../kafka/client/cluster.ts";
import { errorTypeOf, brokerReason } from "../kafka/client/errors.ts";
import { abortable } from "../lib/abortable.ts";
import { systemClock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";
import { failed, ok, type Finding } from "./finding.ts";

/** Checks that the brokers give an idempotent producer its id, which it asks for when it connects. Writes nothing. */
export async function checkIdempotentProducer(
  kafka: Kafka,
): Promise<Finding[]> {
  const what = "writing";
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  try {
    await producer.connect();
    return [ok(what, "the brokers give an idempotent producer its id")];
  } catch (error) {
    const isDenied = errorTypeOf(error)?.includes("AUTHORIZATION") ?? false;
    return [
      failed(
        what,
        `no idempotent producer: ${brokerReason(error)}.${isDenied ? " Allow the principal Write on the topics (and IdempotentWrite on the cluster before Kafka 2.8)" : ""}`,
      ),
    ];
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}

/**
 * Checks that transactions may be made under a transactional id. Does not initialise a producer with
 * it, which would end the transactions of a running connector. `unknownTopic` must not exist.
 */
export async function checkTransactions(
  kafka: Kafka,
  transactionalId: string,
  unknownTopic: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const what = "transactions";
  const id = `the transactional id ${transactionalId}`;
  const cluster = createCluster(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.refreshMetadata(), signal);
    const nodeId = await findCoordinator(cluster, transactionalId, signal);
    const mayWrite = await abortable(
      mayWriteUnder(cluster, nodeId, transactionalId, unknownTopic),
      signal,
    );
    const rights = mayWrite
      ? "the principal may Describe and Write on it; a"
      : "the principal may Describe it; whether it may Write is untried, and a";
    return [
      ok(
        what,
        `${id} has broker ${nodeId} for its coordinator, and ${rights} transaction is untried, since it would end those of a connector that runs`,
      ),
    ];
  } catch (error) {
    signal.throwIfAborted();
    const isDenied = errorTypeOf(error)?.includes("AUTHORIZATION") === true;
    return [
      failed(
        what,
        isDenied
          ? `${id} is denied: ${brokerReason(error)}. Allow the principal Describe and Write on it`
          : `${id} gets no coordinator: ${brokerReason(error)}. Look at the brokers' topic __transaction_state: it needs as many brokers as transaction.state.log.replication.factor says, and leaders`,
      ),
    ];
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** Kafka's number for the coordinators of transactions. */
const TRANSACTION = 1;
/** The first request of a new cluster makes it create the coordinators' topic, which takes some seconds. */
const COORDINATOR_ATTEMPTS = 10;
/** Half a second on average, with the jitter of `retry`. */
const COORDINATOR_WAITS = { baseMs: 1_000, capMs: 1_000 };

const notReadyYet = new Set([
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
]);

/** Returns the id of the broker that coordinates the transactions of a transactional id. */
async function findCoordinator(
  cluster: Cluster,
  groupId: string,
  signal: AbortSignal,
): Promise<number> {
  const broker = await abortable(cluster.findControllerBroker(), signal);
  const request = { groupId, coordinatorType: TRANSACTION };
  const { coordinator } = await retry(
    () => abortable(broker.findGroupCoordinator(request), signal),
    {
      clock: systemClock,
      waits: COORDINATOR_WAITS,
      isRetryable: (error) => notReadyYet.has(errorTypeOf(error) ?? ""),
      maxFailures: COORDINATOR_ATTEMPTS,
    },
    signal,
  );
  return coordinator.nodeId;
}

/** Errors that a coordinator returns once it has found that the principal may write under the transactional id. */
const refusalsAfterAuthorization = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "TOPIC_AUTHORIZATION_FAILED",
  "INVALID_PRODUCER_ID_MAPPING",
]);

/**
 * Asks to add a topic that does not exist to a transaction of a producer that does not exist: the
 * broker checks the right first, then refuses, and no transaction changes. False when untold.
 */
async function mayWriteUnder(
  cluster: Cluster,
  nodeId: number,
  transactionalId: string,
  topic: string,
): Promise<boolean> {
  const broker = await cluster.findBroker({ nodeId: String(nodeId) });
  try {
    await broker.addPartitionsToTxn({
      transactionalId,
      producerId: "-1",
      producerEpoch: -1,
      topics: [{ topic, partitions: [0] }],
    });
    return false;
  } catch (error) {
    const type = errorTypeOf(error) ?? "";
    if (type === "TRANSACTIONAL_ID_AUTHORIZATION_FAILED") throw error;
    return refusalsAfterAuthorization.has(type);
  }
}
