import type { Clock } from "../../lib/clock.ts";
import type { RetryPolicy } from "../../lib/retry.ts";

/** How long one attempt repeats requests that get answers such as "not the leader". */
const TRANSIENT_WITHIN_MS = 3_000;
const TRANSIENT_WAITS = { baseMs: 100, capMs: 1_000 };

/** The policy of one write, from now on: repeats what another broker, or the same one a little later, may answer otherwise. */
export function transientPolicy(clock: Clock): RetryPolicy {
  const startedMs = clock.monotonicMs();
  return {
    clock,
    waits: TRANSIENT_WAITS,
    isRetryable: (error) =>
      isTransient(error) &&
      clock.monotonicMs() - startedMs < TRANSIENT_WITHIN_MS,
  };
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "KafkaJSBrokerNotFound") return true;
  const isProtocol = error.name === "KafkaJSProtocolError";
  return isProtocol && "retriable" in error && error.retriable === true;
}
