import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/lib/clock.ts";

/** Real time for servers to answer in, but nobody who sleeps has to wait for it. */
export class HurriedClock implements Clock {
  #skippedMs = 0;
  /** How long each sleep would have been. */
  readonly sleptMs: number[] = [];

  epochMs(): number {
    return Date.now() + this.#skippedMs;
  }

  monotonicMs(): number {
    return performance.now() + this.#skippedMs;
  }

  uptimeMs(): number {
    return this.monotonicMs();
  }

  random(): number {
    return 0;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.sleptMs.push(ms);
    this.#skippedMs += ms;
    await setImmediate();
    signal.throwIfAborted();
  }
}
