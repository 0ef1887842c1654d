import {
  FencedFault,
  RivalFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { accessFault, mayNotWrite } from "../../kafka/auth/refused-access.ts";
import {
  errorTypeOf,
  brokerReason,
  refusalOf,
} from "../../kafka/client/errors.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import type { WriteRefusal } from "../sink.ts";

const tooLarge = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/**
 * Returns the refusal in a failed write to Kafka, of which `written` is durable all the same; throws
 * the fault of any other failure, as `Sink.write` does.
 */
export function toWriteRefusal(
  cause: unknown,
  written: readonly KafkaRecord[] = [],
): WriteRefusal {
  if (cause instanceof FencedFault || cause instanceof RivalFault) throw cause;
  const denied = accessFault(cause) ?? mayNotWrite(cause);
  if (denied !== null) throw denied;
  const refusal = refusalOf(cause);
  const reason = brokerReason(cause);
  if (refusal === "unavailable")
    throw new UnavailableFault(`Kafka does not confirm: ${reason}`, { cause });
  const type = errorTypeOf(cause) ?? "";
  const isTooLarge = tooLarge.has(type);
  const code = isTooLarge ? "MESSAGE_TOO_LARGE" : type;
  const scope = refusal === "record" ? "record" : "type";
  return { scope, code, reason, cause, isTooLarge, written: new Set(written) };
}

/** Resolves to null once a write to Kafka has succeeded, or to its refusal. Rejects as `Sink.write` does. */
export async function refusalIn(
  write: Promise<void>,
  writtenRecords: () => readonly KafkaRecord[] = () => [],
): Promise<WriteRefusal | null> {
  try {
    await write;
    return null;
  } catch (error) {
    return toWriteRefusal(error, writtenRecords());
  }
}
