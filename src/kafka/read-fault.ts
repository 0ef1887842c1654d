import { TypeFault, UnavailableFault } from "../pipeline/faults.ts";
import { reasonOf, refusalOf } from "./errors.ts";

/** What keeps topics from being read: something that passes, or a permission. */
export function readFault(what: string, cause: unknown): Error {
  const message = `${what} can't be read: ${reasonOf(cause)}`;
  return refusalOf(cause) === "topic"
    ? new TypeFault(
        `${message}; allow the principal Describe and Read on the topics`,
        { cause },
      )
    : new UnavailableFault(message, { cause });
}
