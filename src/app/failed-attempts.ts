import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Observer } from "../domain/observer.ts";
import type { Sink } from "../domain/ports.ts";
import { brokerFailuresOf } from "../kafka/client/broker-failures.ts";
import type { Clock } from "../lib/clock.ts";

/** A broker that refuses at once is tried again many times in that time. */
const QUIET_MS = 5_000;

export interface Telling {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly observer: Pick<Observer, "retrying">;
}

/**
 * Runs a task that waits for brokers, and tells of each attempt at one that fails meanwhile;
 * `failed` is for the failures of the task itself.
 */
export async function tellingAttempts<T>(
  { kafka, clock, observer }: Telling,
  task: (failed: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  let toldMs = -Infinity;
  const failed = (error: unknown) => {
    toldMs = clock.monotonicMs();
    observer.retrying("publish", error, ++failures);
  };
  const listening = brokerFailuresOf(kafka).listen((fault) => {
    if (clock.monotonicMs() - toldMs >= QUIET_MS) failed(fault);
  });
  try {
    return await task(failed);
  } finally {
    listening[Symbol.dispose]();
  }
}

/** The sink itself, that tells of failed attempts at brokers while it is waited for. */
export function tellingSink(sink: Sink, telling: Telling): Sink {
  const recover = sink.recover?.bind(sink);
  const ready = sink.ready?.bind(sink);
  return {
    publish: (items, signal) =>
      tellingAttempts(telling, () => sink.publish(items, signal)),
    ...(recover && {
      recover: (signal) => tellingAttempts(telling, () => recover(signal)),
    }),
    ...(ready && {
      ready: (signal) => tellingAttempts(telling, () => ready(signal)),
    }),
  };
}
