import { abortable } from "../../../src/lib/abortable.ts";
import type { Clock } from "../../../src/lib/clock.ts";

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that stands still until a test moves it, and chance that a test chooses. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #wallLeapMs = 0;
  #suspendedMs = 0;
  #sleepers: Sleeper[] = [];
  readonly #random: () => number;

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  epochMs(): number {
    return Date.UTC(2026, 10, 24) + this.#nowMs + this.#wallLeapMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  uptimeMs(): number {
    return 1_000_000 + this.#nowMs + this.#suspendedMs;
  }

  /** Somebody sets the wall clock; no time passes. */
  leapWallClock(ms: number): void {
    this.#wallLeapMs += ms;
  }

  /** The machine sleeps: no timer runs, and its monotonic clock stands still. */
  suspend(ms: number): void {
    this.#wallLeapMs += ms;
    this.#suspendedMs += ms;
  }

  random(): number {
    return this.#random();
  }

  get sleepers(): number {
    return this.#sleepers.length;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const sleeper: Sleeper = {
      dueMs: this.#nowMs + ms,
      wake: () => {
        resolve(undefined);
      },
    };
    this.#sleepers.push(sleeper);
    try {
      await abortable(promise, signal);
    } finally {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    }
  }

  /** Moves time on, waking sleepers in the order in which they are due. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<Sleeper | null>(
        (first, one) =>
          one.dueMs <= untilMs && (first === null || one.dueMs < first.dueMs)
            ? one
            : first,
        null,
      );
      if (next === null) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  /** Moves time on whenever everybody sleeps, until the task has ended. */
  async runUntil<T>(task: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const end = () => {
      state.isDone = true;
    };
    task.then(end, end);
    for (;;) {
      await settle();
      if (state.isDone) return task;
      if (this.#sleepers.length === 0)
        throw new Error("everybody waits, and nobody for the clock");
      await this.advance(
        Math.min(...this.#sleepers.map(({ dueMs }) => dueMs)) - this.#nowMs,
      );
    }
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
