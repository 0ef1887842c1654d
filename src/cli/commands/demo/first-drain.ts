import { observers, type Observer } from "../../../domain/observer.ts";
import type { Clock } from "../../../lib/clock.ts";
import {
  DrainCount,
  ratePerSecond,
  textBar,
} from "../../../observe/terminal/progress-bars.ts";
import type { Target } from "./counts.ts";
import type { Show } from "./show.ts";

/** Shows the progress of the first drain. */
export class FirstDrain {
  readonly observer: Observer;
  /** Resolves once its first session has ended. */
  readonly ended: Promise<undefined>;
  #hasEnded = false;

  constructor(show: Pick<Show, "now" | "say">, clock: Clock, target: Target) {
    const count = new DrainCount();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const startedMs = clock.monotonicMs();
    const tell = () => {
      if (this.#hasEnded) return;
      const { done, total } = count;
      const rate = ratePerSecond(done, startedMs, clock.monotonicMs());
      const counted = `${done} of ${total} changes`;
      show.now(
        `first drain ${textBar(done, total)} | ${counted} | ${rate}/s`,
        `first drain: ${counted}`,
      );
    };
    this.ended = promise;
    this.observer = observers(count, {
      sessionStarted: tell,
      settled: tell,
      sessionEnded: () => {
        if (this.#hasEnded) return;
        this.#hasEnded = true;
        const where = target === "Kafka" ? "in Kafka" : "read";
        const seconds = (clock.monotonicMs() - startedMs) / 1_000;
        show.say(
          `first drain complete: ${count.done} changes ${where} after ${seconds.toFixed(1)} s`,
        );
        resolve(undefined);
      },
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }
}
