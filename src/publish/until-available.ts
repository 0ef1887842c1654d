import { isRetryable } from "../domain/faults.ts";
import type { Attempt, Observer } from "../domain/observer.ts";
import { isUnsettledLeader } from "../kafka/client/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";

export interface Retrying {
  readonly clock: Clock;
  /** As `Observer.retrying`. */
  readonly retrying: Observer["retrying"];
}

/** The waits between attempts at a server that is not available. */
export const SERVER_WAITS = { baseMs: 200, capMs: 10_000 };

/** A new leader is known within seconds: its absence is reported only after so many failures. */
export const QUIET_FAILURES = 3;

/** Repeats a task while its server is away. Rejects with any other fault, or the signal's reason. */
export function untilAvailable<T>(
  { clock, retrying }: Retrying,
  what: Attempt,
  task: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const failed = (error: unknown, failures: number, waitMs: number) => {
    if (!isUnsettledLeader(error) || failures > QUIET_FAILURES)
      retrying(what, error, failures, waitMs);
  };
  return retry(
    task,
    { clock, waits: SERVER_WAITS, isRetryable, failed },
    signal,
  );
}
