import type { Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import { errorChain } from "../../lib/error-chain.ts";
import { createCluster } from "../client/cluster.ts";

const TRANSACTION = 1;

/**
 * Returns a broker's own error for a transactional id without a coordinator: kafkajs reports only
 * that it found none, also when the principal may not use the id. Returns any other error as it is.
 */
export async function resolveCoordinatorFault(
  error: unknown,
  kafka: Kafka,
  transactionalId: string,
  signal: AbortSignal,
): Promise<unknown> {
  const isUnfound = [...errorChain(error)].some(
    ({ name }) => name === "KafkaJSGroupCoordinatorNotFound",
  );
  if (!isUnfound) return error;
  const cluster = createCluster(kafka);
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.refreshMetadata(), signal);
    const broker = await abortable(cluster.findControllerBroker(), signal);
    const groupId = transactionalId;
    await abortable(
      broker.findGroupCoordinator({ groupId, coordinatorType: TRANSACTION }),
      signal,
    );
    return error;
  } catch (cause) {
    return cause;
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}
