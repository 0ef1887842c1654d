import type { Kafka } from "../client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import { errorChain } from "../../lib/error-chain.ts";
import { clusterOf } from "../client/cluster.ts";

const TRANSACTION = 1;

/**
 * The broker's own word on a transactional id that has no coordinator, where kafkajs says only that
 * none was found: it may be that the principal may not use that id. Any other error is answered as it is.
 */
export async function coordinatorFault(
  error: unknown,
  kafka: Kafka,
  transactionalId: string,
  signal: AbortSignal,
): Promise<unknown> {
  const isUnfound = [...errorChain(error)].some(
    ({ name }) => name === "KafkaJSGroupCoordinatorNotFound",
  );
  if (!isUnfound) return error;
  const cluster = clusterOf(kafka);
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
