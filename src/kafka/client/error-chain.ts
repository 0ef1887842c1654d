/** An error and its causes. */
export function* chainOf(error: unknown): Generator<Error> {
  let link = error;
  for (let depth = 0; link instanceof Error && depth < 5; depth++) {
    yield link;
    link = link.cause;
  }
}

/** Kafka's own name of an error, such as `MESSAGE_TOO_LARGE`; null when it is not the broker's. */
export function errorTypeOf(error: unknown): string | null {
  for (const link of chainOf(error)) {
    if ("type" in link && typeof link.type === "string") return link.type;
  }
  return null;
}
