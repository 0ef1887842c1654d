import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../domain/faults.ts";
import { errorTypeOf, reasonOf } from "../kafka/client/errors.ts";
import { isFencing } from "../kafka/write/transactional-producer.ts";
import { toWriteFault } from "../publish/sinks/write-faults.ts";

/** The fault of a replay's transaction that failed: as `Sink.write` rejects, and for its own transactional id. */
export function toTransactionFault(cause: unknown): Error {
  if (
    cause instanceof UnavailableFault ||
    cause instanceof FencedFault ||
    cause instanceof DeniedFault
  )
    return cause;
  if (isFencing(cause)) return new FencedFault(reasonOf(cause), { cause });
  if (errorTypeOf(cause) === "TRANSACTIONAL_ID_AUTHORIZATION_FAILED")
    return new DeniedFault(
      "the brokers deny the transactional id sell-kafka.<name>.replay; allow the connector's principal Write and Describe on it",
      { cause },
    );
  return toWriteFault(cause);
}
