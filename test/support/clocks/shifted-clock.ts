import { setImmediate } from "node:timers/promises";
import { systemClock, type Clock } from "../../../src/lib/clock.ts";

/** Real time, which a test may move on. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;

  shift(ms: number): void {
    this.#shiftMs += ms;
  }

  epochMs(): number {
    return systemClock.epochMs() + this.#shiftMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#shiftMs;
  }

  uptimeMs(): number {
    return systemClock.uptimeMs() + this.#shiftMs;
  }

  random(): number {
    return systemClock.random();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

/** Real time for servers to answer in, but nobody who sleeps has to wait for it. */
export class HurriedClock extends ShiftedClock {
  /** How long each sleep would have been. */
  readonly sleptMs: number[] = [];

  override random(): number {
    return 0;
  }

  override async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.sleptMs.push(ms);
    this.shift(ms);
    await setImmediate();
    signal.throwIfAborted();
  }
}
