import {
  FencedFault,
  RivalFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { deniedBy, mayNotWrite } from "../../kafka/auth/refused-access.ts";
import { errorTypeOf, reasonOf, refusalOf } from "../../kafka/client/errors.ts";
import { WriteRefusedFault } from "../sink.ts";

const tooLarge = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/** The fault of a write to Kafka that failed, as `Sink.write` rejects with it. */
export function toWriteFault(cause: unknown): Error {
  if (cause instanceof FencedFault || cause instanceof RivalFault) return cause;
  const denied = deniedBy(cause) ?? mayNotWrite(cause);
  if (denied !== null) return denied;
  const refusal = refusalOf(cause);
  if (refusal === "unavailable")
    return new UnavailableFault(`Kafka does not confirm: ${reasonOf(cause)}`, {
      cause,
    });
  return new WriteRefusedFault(
    refusal === "record" ? "record" : "type",
    reasonOf(cause),
    { cause, isTooLarge: tooLarge.has(errorTypeOf(cause) ?? "") },
  );
}
