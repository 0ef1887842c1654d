import { readBrokerIds } from "../kafka/client/broker-ids.ts";
import { step, type Starting } from "./step.ts";
import type { Way } from "./way.ts";

const BROKERS_WITHIN_MS = 10_000;
const BROKER_ATTEMPTS = 3;
const BROKER_AGAIN_MS = 1_000;

/** Uses brokers that run already, and ends none of them. */
export function useBrokers(
  brokers: readonly string[],
  registryUrl: string | null,
  starting: Starting,
): Way {
  const name = `Kafka at ${brokers.join(",")}`;
  return {
    name,
    start: async () => {
      await step(
        starting,
        { what: `connecting to ${name}`, idleMs: BROKERS_WITHIN_MS },
        (signal) => reachAny(brokers, starting, signal),
      );
      return {
        brokers,
        registryUrl,
        isShared: true,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}

/** Resolves once a broker answers; rejects with the last one's reason after a few attempts. */
async function reachAny(
  brokers: readonly string[],
  { clock }: Starting,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await Promise.any(brokers.map(readBrokerIds));
      return;
    } catch (error) {
      const errors: readonly unknown[] =
        error instanceof AggregateError ? error.errors : [];
      if (attempt >= BROKER_ATTEMPTS) throw errors.at(-1) ?? error;
      await clock.sleep(BROKER_AGAIN_MS, signal);
    }
  }
}
