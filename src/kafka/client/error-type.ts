import { errorChain } from "../../lib/error-chain.ts";
import { memberOf } from "../../lib/foreign-members.ts";

/** Kafka's own name of an error, such as `MESSAGE_TOO_LARGE`; null when no broker sent it. */
export function errorTypeOf(error: unknown): string | null {
  for (const link of errorChain(error)) {
    const type = memberOf(link, "type");
    if (typeof type === "string") return type;
  }
  return null;
}
