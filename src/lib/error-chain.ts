import { isError, memberOf } from "./foreign-members.ts";

/** Longer chains are cut: an error can be among its own causes. */
export const MOST_LINKS = 6;

/** Yields an error, its cause, the cause of that, and so on. Never throws, whatever was thrown. */
export function* errorChain(error: unknown): Generator<Error> {
  let link = error;
  for (let depth = 0; isError(link) && depth < MOST_LINKS; depth++) {
    yield link;
    link = causeOf(link);
  }
}

export function causeOf(error: Error): unknown {
  return memberOf(error, "cause");
}
