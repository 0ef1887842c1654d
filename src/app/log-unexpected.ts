import type { Logger } from "pino";
import type { UnexpectedFault } from "../domain/faults.ts";

/** Logs an error that no part expects, and for debugging where it came from. */
export function logUnexpected(
  logger: Logger,
  { message, cause }: UnexpectedFault,
): void {
  logger.error({ reason: message }, "drain failed unexpectedly");
  logger.debug({ err: cause }, "where the drain failed");
}
