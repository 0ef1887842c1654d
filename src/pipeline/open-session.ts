import type { Clock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";
import { isRetryable } from "../domain/faults.ts";
import type { Observer } from "../domain/observer.ts";
import type { Session, Source } from "../domain/ports.ts";

/**
 * Starts a session, as soon as Sell is there; null when Sell has nothing new. Rejects with a
 * DeniedFault, or the signal's reason.
 */
export function openSession(
  {
    source,
    clock,
    observer,
  }: {
    readonly source: Pick<Source, "open">;
    readonly clock: Clock;
    readonly observer: Observer;
  },
  signal: AbortSignal,
): Promise<Session | null> {
  const failed = (error: unknown, failures: number, waitMs: number) => {
    observer.retrying("start", error, failures, waitMs);
  };
  return retry(
    () => source.open(signal),
    { clock, isRetryable, failed },
    signal,
  );
}
