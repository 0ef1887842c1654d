import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Observer } from "../domain/observer.ts";
import type { Publisher } from "../domain/ports.ts";
import { wrapPublisher } from "../domain/wrap-publisher.ts";
import { brokerFailuresOf } from "../kafka/client/broker-failures.ts";
import type { Clock } from "../lib/clock.ts";
import type { RetryPolicy } from "../lib/retry.ts";

/** The shortest time between two reports: a broker that refuses at once is tried again many times in it. */
const REPORT_EVERY_MS = 5_000;

export interface AttemptReporting {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly observer: Pick<Observer, "retrying">;
}

type Failed = NonNullable<RetryPolicy["failed"]>;

/**
 * Runs a task that waits for brokers, and tells the observer of each failed attempt at one of
 * them. The task calls `failed` for failures of its own.
 */
export async function reportFailedAttempts<T>(
  { kafka, clock, observer }: AttemptReporting,
  task: (failed: Failed) => Promise<T>,
): Promise<T> {
  let failures = 0;
  let reportedMs = -Infinity;
  const failed = (error: unknown, waitMs: number | null) => {
    reportedMs = clock.monotonicMs();
    observer.retrying("publish", error, ++failures, waitMs);
  };
  const listening = brokerFailuresOf(kafka).listen((fault) => {
    if (clock.monotonicMs() - reportedMs >= REPORT_EVERY_MS)
      failed(fault, null);
  });
  try {
    return await task((error, _failures, waitMs) => {
      failed(error, waitMs);
    });
  } finally {
    listening[Symbol.dispose]();
  }
}

/** The same publisher, which tells of failed attempts at brokers while its callers wait for it. */
export function reportingPublisher(
  publisher: Publisher,
  reporting: AttemptReporting,
): Publisher {
  return wrapPublisher(publisher, {
    publish: (publish) => reportFailedAttempts(reporting, publish),
    prepare: (prepare) => reportFailedAttempts(reporting, prepare),
  });
}
