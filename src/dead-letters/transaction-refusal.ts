import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../domain/faults.ts";
import { errorTypeOf, brokerReason } from "../kafka/client/errors.ts";
import { isFencing } from "../kafka/write/transactional-producer.ts";
import type { WriteRefusal } from "../publish/sink.ts";
import { toWriteRefusal } from "../publish/sinks/classify-failure.ts";

/** Returns the refusal in a replay's transaction that failed; throws the fault of any other failure. */
export function toTransactionRefusal(cause: unknown): WriteRefusal {
  if (
    cause instanceof UnavailableFault ||
    cause instanceof FencedFault ||
    cause instanceof DeniedFault
  )
    throw cause;
  if (isFencing(cause)) throw new FencedFault(brokerReason(cause), { cause });
  if (errorTypeOf(cause) === "TRANSACTIONAL_ID_AUTHORIZATION_FAILED")
    throw new DeniedFault(
      "kafka",
      "the brokers deny the transactional id sell-kafka.<name>.replay; allow the connector's principal Write and Describe on it",
      { cause },
    );
  return toWriteRefusal(cause);
}
