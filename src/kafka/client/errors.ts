import { errorChain } from "../../lib/error-chain.ts";
import { reasonOf as wordsOf } from "../../lib/reason-of.ts";
import { adviceOn } from "./advice.ts";
import { errorTypeOf } from "./error-type.ts";

export { errorTypeOf } from "./error-type.ts";

/** True when a broker took the name and password, or token, for wrong. */
export function isRefusedLogin(error: unknown): boolean {
  for (const link of errorChain(error))
    if (refusals.has(link.name) || loginErrors.has(errorTypeOf(link) ?? ""))
      return true;
  return false;
}

const refusals = new Set(["KafkaJSSASLAuthenticationError", "RefusedToken"]);

const loginErrors = new Set([
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "ILLEGAL_SASL_STATE",
]);

/** The `host:port` that an error speaks of; null when it speaks of none. */
export function addressOf(error: unknown): string | null {
  for (const link of errorChain(error))
    if ("broker" in link && typeof link.broker === "string") return link.broker;
  return null;
}

/**
 * What an error says, for people, and what is behind it. What a broker says about a login is left
 * out: it may echo it.
 */
export function reasonOf(error: unknown): string {
  if (isRefusedLogin(error)) return "the login was refused";
  const type = errorTypeOf(error);
  const words = wordsOf(error);
  const named =
    type === null || words.includes(type) ? words : `${words} (${type})`;
  const advice = adviceOn(error);
  return advice === null || words.includes(advice)
    ? named
    : `${named}: ${advice}`;
}

/** What to allow, to be read after the reason of an error that is a matter of rights; else nothing. */
export function allowance(error: unknown, operations: string): string {
  return errorTypeOf(error) === "TOPIC_AUTHORIZATION_FAILED"
    ? `; allow the connector's principal ${operations} on it`
    : "";
}

/** The leader of a partition is not known everywhere yet: so it is after a topic was created, or a broker stopped. */
export function isUnsettledLeader(error: unknown): boolean {
  return unsettled.has(errorTypeOf(error) ?? "");
}

const unsettled = new Set([
  "NOT_LEADER_FOR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "UNKNOWN_TOPIC_OR_PARTITION",
]);

/** What a refused write says about whose fault it is. */
export type Refusal = "record" | "topic" | "unavailable";

const recordErrors = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "CORRUPT_MESSAGE",
]);

const topicErrors = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "INVALID_TOPIC_EXCEPTION",
  "POLICY_VIOLATION",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "UNSUPPORTED_COMPRESSION_TYPE",
  // In a transaction: another topic of the same write is at fault.
  "OPERATION_NOT_ATTEMPTED",
  // A record's timestamp is this machine's time: the clock is wrong, or the topic's limits are.
  "INVALID_TIMESTAMP",
]);

export function refusalOf(error: unknown): Refusal {
  const type = errorTypeOf(error) ?? "";
  if (recordErrors.has(type)) return "record";
  return topicErrors.has(type) ? "topic" : "unavailable";
}
