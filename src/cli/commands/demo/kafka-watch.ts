import type { Observer } from "../../../domain/observer.ts";

export const KAFKA_AWAY = "Kafka can't be reached";

/** Knows whether Kafka can be reached, by what the connector observes. */
export class KafkaWatch {
  #isAway = false;

  readonly observer: Partial<Observer> = {
    reached: (server) => {
      if (server === "kafka") this.#isAway = false;
    },
    notReached: (server) => {
      if (server === "kafka") this.#isAway = true;
    },
    retrying: (what) => {
      if (what === "publish") this.#isAway = true;
    },
    settled: () => {
      this.#isAway = false;
    },
  };

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Returns what keeps the demo waiting, as the end of a line. */
  why(key: string): string {
    return this.#isAway ? `; ${KAFKA_AWAY}; ${key} ends` : "";
  }
}
