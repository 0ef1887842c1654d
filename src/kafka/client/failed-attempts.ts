import type { Kafka } from "kafkajs";
import { UnavailableFault } from "../../domain/faults.ts";
import { isRefusedLogin, reasonOf } from "./errors.ts";

type Listener = (fault: UnavailableFault) => void;

/**
 * The attempts at brokers that failed, of all clients of one `Kafka`. kafkajs repeats them within
 * a call for over a minute, and tells of none before the call is over.
 */
export class FailedAttempts {
  readonly #listeners = new Set<Listener>();
  #newest: UnavailableFault | null = null;

  /** Null before the first. */
  get newest(): UnavailableFault | null {
    return this.#newest;
  }

  /** One of several brokers failed, and another may do. */
  passed(error: unknown): void {
    this.#newest = toldOf(error);
  }

  /** Whoever waits for the call goes on waiting because of this one; a refused login ends the call. */
  failed(error: unknown): void {
    const fault = toldOf(error);
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

/** Without the error itself: what a broker says about a login may be what it was sent. */
function toldOf(error: unknown): UnavailableFault {
  return new UnavailableFault(reasonOf(error));
}

const all = new WeakMap<Kafka, FailedAttempts>();

export function failedAttemptsOf(kafka: Kafka): FailedAttempts {
  const known = all.get(kafka);
  if (known !== undefined) return known;
  const attempts = new FailedAttempts();
  all.set(kafka, attempts);
  return attempts;
}
