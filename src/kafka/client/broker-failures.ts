import { UnavailableFault } from "../../domain/faults.ts";
import { isRefusedLogin, brokerReason } from "./errors.ts";
import type { Kafka } from "./kafkajs.ts";

type Listener = (fault: UnavailableFault) => void;

/**
 * The failed attempts at brokers, of all clients of one `Kafka`. kafkajs repeats them within one
 * call for more than a minute, and reports none of them before the call ends.
 */
export class BrokerFailures {
  readonly #listeners = new Set<Listener>();
  #newest: UnavailableFault | null = null;

  /** Null before the first failure. */
  get newest(): UnavailableFault | null {
    return this.#newest;
  }

  /** Records a failure that another broker may make up for; listeners are not called. */
  record(error: unknown): void {
    this.#newest = toFault(error);
  }

  /** Records a failure that prolongs the call, and calls the listeners. A refused login ends the call instead. */
  report(error: unknown): void {
    const fault = toFault(error);
    this.#newest = fault;
    if (isRefusedLogin(error)) return;
    for (const listener of this.#listeners) listener(fault);
  }

  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
      },
    };
  }
}

/** The fault has no cause: a broker's message about a login may repeat the password. */
function toFault(error: unknown): UnavailableFault {
  return new UnavailableFault(brokerReason(error));
}

const byKafka = new WeakMap<Kafka, BrokerFailures>();

export function brokerFailuresOf(kafka: Kafka): BrokerFailures {
  const known = byKafka.get(kafka);
  if (known !== undefined) return known;
  const failures = new BrokerFailures();
  byKafka.set(kafka, failures);
  return failures;
}
