import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import {
  FencedFault,
  RecordFault,
  RivalFault,
  TypeFault,
  UnavailableFault,
} from "../domain/faults.ts";
import type { Attempt } from "../domain/observer.ts";
import {
  isUnsettledLeader,
  reasonOf,
  refusalOf,
} from "../kafka/client/errors.ts";
import type { KafkaRecord, Writer } from "../kafka/write/producer.ts";
import { deniedBy, mayNotWrite } from "../kafka/auth/refused-access.ts";

/** A leader is known within seconds: only one that stays unknown is news. */
const QUIET_FAILURES = 3;

export interface PatienceOptions {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly retrying: (what: Attempt, error: unknown, failures: number) => void;
}

/** What the brokers say against records that they will not take, however often they are asked. */
export interface Refused {
  readonly refusal: "record" | "topic";
  readonly cause: unknown;
}

/**
 * Writes records, as often as it takes while brokers are away. Answers null once all
 * are durable; rejects with a DeniedFault when the cluster refuses this client.
 */
export async function writePatiently(
  options: PatienceOptions,
  batches: readonly (readonly KafkaRecord[])[],
  signal: AbortSignal,
): Promise<Refused | null> {
  const { writer, clock } = options;
  const refused = await untilAvailable(options, "publish", signal, async () => {
    try {
      await writer.write(batches, clock.epochMs(), signal);
    } catch (cause) {
      if (cause instanceof FencedFault || cause instanceof RivalFault)
        throw cause;
      const denied = deniedBy(cause) ?? mayNotWrite(cause);
      if (denied !== null) throw denied;
      const refusal = refusalOf(cause);
      if (refusal === "unavailable")
        throw new UnavailableFault(
          `Kafka does not confirm: ${reasonOf(cause)}`,
          { cause },
        );
      return { refusal, cause };
    }
    return null;
  });
  if (refused instanceof Error) throw refused;
  return refused;
}

/** Repeats a task while its server is away. Answers its result, or the fault that stands. */
export async function untilAvailable<T>(
  { clock, retrying }: Omit<PatienceOptions, "writer">,
  what: Attempt,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T | TypeFault | RecordFault> {
  const backoff = new Backoff(clock, { baseMs: 200, capMs: 10_000 });
  for (;;) {
    try {
      return await task();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TypeFault || error instanceof RecordFault)
        return error;
      if (!(error instanceof UnavailableFault)) throw error;
      const failures = backoff.failures + 1;
      if (!isUnsettledLeader(error) || failures > QUIET_FAILURES)
        retrying(what, error, failures);
      await backoff.failed(signal);
    }
  }
}
