import { errorChain } from "../../lib/error-chain.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import { adviceOn } from "./advice.ts";
import { errorTypeOf } from "./error-type.ts";

export { errorTypeOf } from "./error-type.ts";

/** Whether a broker refused the name and password, or the token. */
export function isRefusedLogin(error: unknown): boolean {
  return refusedLogin(error) !== null;
}

/** The error by which a broker refused a login, without what is around it; null for any other. */
export function refusedLogin(error: unknown): Error | null {
  let innermost: Error | null = null;
  for (const link of errorChain(error))
    if (refusals.has(link.name) || loginErrors.has(errorTypeOf(link) ?? ""))
      innermost = link;
  return innermost;
}

const refusals = new Set(["KafkaJSSASLAuthenticationError", "RefusedToken"]);

const loginErrors = new Set([
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "ILLEGAL_SASL_STATE",
]);

/** The `host:port` that an error names; null when it names none. */
export function addressOf(error: unknown): string | null {
  for (const link of errorChain(error))
    if ("broker" in link && typeof link.broker === "string") return link.broker;
  return null;
}

/**
 * Returns the text of an error for people, with advice where there is some. It leaves out what a
 * broker says about a login: the broker may repeat the password.
 */
export function brokerReason(error: unknown): string {
  if (isRefusedLogin(error)) return "the login was refused";
  const type = errorTypeOf(error);
  const words = reasonOf(error);
  const named =
    type === null || words.includes(type) ? words : `${words} (${type})`;
  const advice = adviceOn(error);
  return advice === null || words.includes(advice)
    ? named
    : `${named}: ${advice}`;
}

/** Returns what to allow, as the end of a message, when rights on a topic are missing; else an empty text. */
export function allowance(error: unknown, operations: string): string {
  return errorTypeOf(error) === "TOPIC_AUTHORIZATION_FAILED"
    ? `; allow the connector's principal ${operations} on it`
    : "";
}

/** Whether some broker does not know the leader of a partition yet, as after the creation of a topic or the stop of a broker. */
export function isUnsettledLeader(error: unknown): boolean {
  return unsettled.has(errorTypeOf(error) ?? "");
}

const unsettled = new Set([
  "NOT_LEADER_FOR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "UNKNOWN_TOPIC_OR_PARTITION",
]);

/** What is at fault when a write fails: the record, the topic, or nothing but the moment. */
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
  // Only in a transaction, where another topic of the same write is at fault.
  "OPERATION_NOT_ATTEMPTED",
  // Records carry this machine's time: its clock or the topic's limits are wrong.
  "INVALID_TIMESTAMP",
]);

export function refusalOf(error: unknown): Refusal {
  const type = errorTypeOf(error) ?? "";
  if (recordErrors.has(type)) return "record";
  return topicErrors.has(type) ? "topic" : "unavailable";
}
