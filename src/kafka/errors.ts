/** Kafka's own name of an error, such as `MESSAGE_TOO_LARGE`; null when it is not the broker's. */
export function errorTypeOf(error: unknown): string | null {
  for (const link of chainOf(error)) {
    if ("type" in link && typeof link.type === "string") return link.type;
  }
  return null;
}

/** True when a broker took the name and password, or token, for wrong. */
export function isRefusedLogin(error: unknown): boolean {
  for (const link of chainOf(error))
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
  for (const link of chainOf(error))
    if ("broker" in link && typeof link.broker === "string") return link.broker;
  return null;
}

/** What an error says, for people. What a broker says about a login is left out: it may echo it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isRefusedLogin(error)) return "the login was refused";
  const type = errorTypeOf(error);
  return type === null || error.message.includes(type)
    ? error.message
    : `${error.message} (${type})`;
}

/** An error and its causes. */
export function* chainOf(error: unknown): Generator<Error> {
  let link = error;
  for (let depth = 0; link instanceof Error && depth < 5; depth++) {
    yield link;
    link = link.cause;
  }
}

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
