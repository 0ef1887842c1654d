/** Kafka's own name of an error, such as `MESSAGE_TOO_LARGE`; null when it is not the broker's. */
export function errorTypeOf(error: unknown): string | null {
  for (const link of chainOf(error)) {
    if ("type" in link && typeof link.type === "string") return link.type;
  }
  return null;
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const type = errorTypeOf(error);
  return type === null || error.message.includes(type)
    ? error.message
    : `${error.message} (${type})`;
}

function* chainOf(error: unknown): Generator<Error> {
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
  // A record's timestamp is this machine's time: the clock is wrong, or the topic's limits are.
  "INVALID_TIMESTAMP",
]);

export function refusalOf(error: unknown): Refusal {
  const type = errorTypeOf(error) ?? "";
  if (recordErrors.has(type)) return "record";
  return topicErrors.has(type) ? "topic" : "unavailable";
}
