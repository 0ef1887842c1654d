import type { Kafka } from "kafkajs";

type Listener = (fault: unknown) => void;

/**
 * The attempts at brokers that failed, of all clients of one `Kafka`. kafkajs repeats them within
 * a call for over a minute, and tells of none before the call is over.
 */
export class FailedAttempts {
  readonly #listeners = new Set<Listener>();
  /** Null before the first. */
  newest: unknown = null;

  /** One of several brokers failed, and another may do. */
  passed(fault: unknown): void {
    this.newest = fault;
  }

  /** Whoever waits for the call goes on waiting because of this one. */
  failed(fault: unknown): void {
    this.newest = fault;
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

const all = new WeakMap<Kafka, FailedAttempts>();

export function failedAttemptsOf(kafka: Kafka): FailedAttempts {
  const known = all.get(kafka);
  if (known !== undefined) return known;
  const attempts = new FailedAttempts();
  all.set(kafka, attempts);
  return attempts;
}
