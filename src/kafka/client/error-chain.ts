import { isError, memberOf } from "../../lib/foreign-members.ts";

/** An error and its causes. */
export function* chainOf(error: unknown): Generator<Error> {
  let link = error;
  for (let depth = 0; isError(link) && depth < 5; depth++) {
    yield link;
    link = memberOf(link, "cause");
  }
}

/** Kafka's own name of an error, such as `MESSAGE_TOO_LARGE`; null when it is not the broker's. */
export function errorTypeOf(error: unknown): string | null {
  for (const link of chainOf(error)) {
    const type = memberOf(link, "type");
    if (typeof type === "string") return type;
  }
  return null;
}
