import { TypeFault, UnavailableFault } from "../../domain/faults.ts";
import { allowance, reasonOf, refusalOf } from "../client/errors.ts";

/** What keeps topics from being read: something that passes, or a permission. */
export function readFault(what: string, cause: unknown): Error {
  const message = `${what} can't be read: ${reasonOf(cause)}`;
  return refusalOf(cause) === "topic"
    ? new TypeFault(`${message}${allowance(cause, "Describe and Read")}`, {
        cause,
      })
    : new UnavailableFault(message, { cause });
}
