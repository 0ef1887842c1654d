import { Backoff, type BackoffLimits } from "./backoff.ts";
import type { Clock } from "./clock.ts";

export interface RetryPolicy {
  readonly clock: Clock;
  /** From 200 ms up to 30 s when missing. */
  readonly waits?: BackoffLimits;
  /** Whether another attempt may help; any other error is thrown. */
  readonly isRetryable: (error: unknown) => boolean;
  /** The last error is thrown after so many failures in a row; without end when missing. */
  readonly maxFailures?: number;
  /** Called after each failure, `waitMs` before the next attempt; `failures` in a row so far. */
  readonly failed?: (error: unknown, failures: number, waitMs: number) => void;
}

/**
 * Repeats a task until it resolves. A task that calls `progressed` starts the count of failures
 * anew. Rejects with the error that is not retryable, or with the signal's reason.
 */
export async function retry<T>(
  task: (progressed: () => void) => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  const { clock, waits, isRetryable, maxFailures = Infinity } = policy;
  const backoff = new Backoff(clock, waits);
  for (;;) {
    try {
      return await task(() => {
        backoff.succeeded();
      });
    } catch (error) {
      signal.throwIfAborted();
      const failures = backoff.failures + 1;
      if (!isRetryable(error) || failures >= maxFailures) throw error;
      const waitMs = backoff.nextWaitMs();
      policy.failed?.(error, failures, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}
