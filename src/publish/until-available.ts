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

/** Whether a failure is one of the first of its kind that pass by themselves, and is not reported. */
export function isQuiet(error: unknown, failures: number): boolean {
  return isUnsettledLeader(error) && failures <= QUIET_FAILURES;
}

/** Repeats a task while its server is away. Rejects with any other fault, or the signal's reason. */
export function untilAvailable<T>(
  { clock, retrying }: Retrying,
  what: Attempt,
  task: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const failed = (error: unknown, failures: number, waitMs: number) => {
    if (!isQuiet(error, failures)) retrying(what, error, failures, waitMs);
  };
  return retry(
    task,
    { clock, waits: SERVER_WAITS, isRetryable, failed },
    signal,
  );
}
