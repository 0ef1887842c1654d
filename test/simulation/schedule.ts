import { abortable } from "../../src/lib/abortable.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { Random } from "../../src/simulator/random.ts";

interface Event {
  readonly what: () => string;
  readonly happen: () => void;
  /** Others tend to overtake it. */
  readonly isSlow: boolean;
}

interface Sleeper {
  readonly who: Life;
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * Decides what happens next, from a seed alone: which of the requests and answers that are on
 * their way arrives, or that time moves on. The same seed gives the same schedule.
 */
export class Schedule {
  readonly random: Random;
  /** What happened, in order; empty unless the schedule is traced. */
  readonly trace: string[] = [];
  readonly #isTraced: boolean;
  readonly #slowShare: number;
  #events: Event[] = [];
  #sleepers: Sleeper[] = [];
  #nowMs = 0;
  steps = 0;

  constructor(seed: number, isTraced: boolean) {
    this.random = new Random(seed);
    this.#isTraced = isTraced;
    this.#slowShare = this.random.pick([0, 0.1, 0.3]);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  tell(what: () => string): void {
    if (this.#isTraced)
      this.trace.push(
        `${String(Math.round(this.#nowMs)).padStart(7)} ${what()}`,
      );
  }

  /** Something that is on its way, and arrives whatever becomes of its sender. */
  later(what: () => string, happen: () => void): void {
    const isSlow = this.random.chance(this.#slowShare);
    this.#events.push({ what, happen, isSlow });
  }

  /** Something that most of the others overtake. */
  late(what: () => string, happen: () => void): void {
    this.#events.push({ what, happen, isSlow: true });
  }

  sleepUntil(who: Life, dueMs: number, wake: () => void): () => void {
    const sleeper = { who, dueMs, wake };
    this.#sleepers.push(sleeper);
    return () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    };
  }

  /** Nobody wakes whose life is over. */
  forgetSleepers(of: Life): void {
    this.#sleepers = this.#sleepers.filter(({ who }) => who !== of);
  }

  /** Lets one thing happen, and everything that follows from it at once. False when nothing can. */
  async step(): Promise<boolean> {
    this.steps++;
    const canWake = this.#sleepers.length > 0;
    const count = this.#events.length;
    if (count > 0 && !(canWake && this.random.chance(0.1))) {
      let place = this.random.integer(0, count - 1);
      for (let turn = 0; turn < 30 && this.#events[place]?.isSlow; turn++)
        place = this.random.integer(0, count - 1);
      const [event] = this.#events.splice(place, 1);
      this.tell(() => event?.what() ?? "");
      event?.happen();
    } else if (canWake) {
      const next = this.#sleepers.reduce((first, one) =>
        one.dueMs < first.dueMs ? one : first,
      );
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
    } else return false;
    await quiet();
    return true;
  }
}

/** Lets every promise that can go on do so: a tick comes when no microtask is left. */
export async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
}

/**
 * One life of the connector's process. When it ends, everything in its memory is gone: nothing
 * that it waits for ever comes back to it, but what it has sent still arrives.
 */
export class Life implements Clock {
  readonly number: number;
  readonly #schedule: Schedule;
  #isOver = false;

  constructor(schedule: Schedule, number: number) {
    this.#schedule = schedule;
    this.number = number;
  }

  end(): void {
    this.#isOver = true;
    this.#schedule.forgetSleepers(this);
  }

  epochMs(): number {
    return 1_795_428_000_000 + this.#schedule.nowMs;
  }

  monotonicMs(): number {
    return this.#schedule.nowMs;
  }

  uptimeMs(): number {
    return this.#schedule.nowMs;
  }

  random(): number {
    return this.#schedule.random.next();
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isOver) return this.#never();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const dueMs = this.monotonicMs() + ms;
    const wakeUp = this.#schedule.sleepUntil(this, dueMs, () => {
      resolve(undefined);
    });
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      wakeUp();
      signal.removeEventListener("abort", abort);
    }
  }

  /**
   * A request to another machine: it arrives some time later, or never when it is cut, and so
   * does the answer. Rejects at once with the signal's reason; what was sent is sent.
   */
  async ask<T>(
    what: () => string,
    serve: () => T,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isOver) return this.#never();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const who = `life ${this.number}`;
    const arrival = () => `${who}: ${what()} arrives`;
    this.#schedule.later(arrival, () => {
      let answer: T | Error;
      try {
        answer = serve();
      } catch (error) {
        answer = error as Error;
      }
      const answered = () => `${who}: answer to ${what()}`;
      this.#schedule.later(answered, () => {
        if (this.#isOver) return;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
    });
    return signal === undefined ? promise : abortable(promise, signal);
  }

  #never(): Promise<never> {
    return new Promise(() => undefined);
  }
}
