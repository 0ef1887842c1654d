import { abortable } from "../lib/abortable.ts";
import { Backoff } from "../lib/backoff.ts";
import type { AckKey } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import { AckRefusedFault, UnavailableFault } from "../domain/faults.ts";
import { DistinctCounter } from "../lib/distinct-counter.ts";
import type { Observer } from "../domain/observer.ts";
import type { Source } from "../domain/ports.ts";
import type { Settled } from "../domain/settled.ts";

const LINGER_MS = 2_000;
/** A pack of keys of usual length never reaches it: keys are of any length that Sell likes. */
const MAX_PACK_LENGTH = 1 << 20;

export interface AcknowledgerOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly batchSize: number;
}

/**
 * Sends the keys of settled items back to Sell, in packs: when one is full, when nothing more
 * comes, or after a short linger. A pack is repeated until Sell accepts it.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #confirmed = new DistinctCounter();
  #waiting: AckKey[] = [];
  /** Keys released, and keys dealt with, since the beginning. */
  #released = 0;
  #delivered = 0;
  /** What is to be told once that many keys are dealt with. */
  #marks: { readonly at: number; readonly settled: Settled }[] = [];
  #oldestMs = 0;
  readonly #refused = new Set<AckKey>();
  #isEnding = false;
  #wake: () => void = () => undefined;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Distinct keys that Sell accepted. */
  get confirmed(): number {
    return this.#confirmed.size;
  }

  /** Keys that are settled and not yet accepted. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Keys that Sell refused to take even alone, and has not taken since. */
  get refused(): number {
    return this.#refused.size;
  }

  release(settled: Settled): void {
    const keys = settled.ackKeys;
    if (keys.length === 0) return;
    if (this.#waiting.length === 0)
      this.#oldestMs = this.#options.clock.monotonicMs();
    for (const key of keys) this.#waiting.push(key);
    this.#released += keys.length;
    this.#marks.push({ at: this.#released, settled });
    this.#options.observer.unacknowledged(this.waiting);
    this.#wake();
  }

  /** Gives up what was released and not yet accepted. */
  discard(): void {
    this.#delivered += this.#waiting.length;
    this.#waiting = [];
    this.#marks = [];
    this.#options.observer.unacknowledged(0);
  }

  /** Everything has been released: `run` ends once it is accepted. */
  end(): void {
    this.#isEnding = true;
    this.#wake();
  }

  /**
   * Sends packs until `end` was called and nothing waits; may be run again after that.
   * Rejects with the signal's reason, or a DeniedFault.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#isEnding = false;
    for (;;) {
      await this.#pack(signal);
      if (this.waiting === 0 && this.#isEnded()) return;
      const keys = this.#nextPack();
      await this.#deliver([...new Set(keys)], signal);
      this.#waiting.splice(0, keys.length);
      this.#tellAcknowledged(keys.length);
      this.#options.observer.unacknowledged(this.waiting);
      this.#oldestMs = this.#options.clock.monotonicMs();
    }
  }

  #nextPack(): AckKey[] {
    const keys: AckKey[] = [];
    let length = 0;
    for (const key of this.#waiting) {
      length += key.length;
      const isFull = keys.length === this.#options.batchSize;
      if (keys.length > 0 && (isFull || length > MAX_PACK_LENGTH)) break;
      keys.push(key);
    }
    return keys;
  }

  async #pack(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#isEnded()) return;
      if (this.#waiting.length >= this.#options.batchSize) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => {
        resolve(undefined);
      };
      if (this.#waiting.length === 0) {
        await abortable(promise, signal);
        continue;
      }
      const lingerMs =
        this.#oldestMs + LINGER_MS - this.#options.clock.monotonicMs();
      if (lingerMs <= 0) return;
      const over = new AbortController();
      try {
        await Promise.race([
          promise,
          this.#options.clock.sleep(
            lingerMs,
            AbortSignal.any([signal, over.signal]),
          ),
        ]);
      } finally {
        over.abort();
      }
    }
  }

  async #deliver(keys: readonly AckKey[], signal: AbortSignal): Promise<void> {
    const { source, clock, observer } = this.#options;
    const backoff = new Backoff(clock);
    for (;;) {
      try {
        await source.acknowledge(keys, signal);
        break;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof AckRefusedFault) {
          await this.#halve(keys, error, signal);
          return;
        }
        if (!(error instanceof UnavailableFault)) throw error;
        observer.retrying("acknowledge", error, backoff.failures + 1);
        await backoff.failed(signal);
      }
    }
    let fresh = 0;
    for (const key of keys) {
      this.#refused.delete(key);
      if (this.#confirmed.add(key)) fresh++;
    }
    observer.acknowledged(fresh);
  }

  #tellAcknowledged(keys: number): void {
    this.#delivered += keys;
    const reached = this.#marks.filter(({ at }) => at <= this.#delivered);
    this.#marks.splice(0, reached.length);
    for (const { settled } of reached) settled.acknowledged();
  }

  #isEnded(): boolean {
    return this.#isEnding;
  }

  /** One key that Sell won't take must not keep the others from being acknowledged. */
  async #halve(
    keys: readonly AckKey[],
    error: AckRefusedFault,
    signal: AbortSignal,
  ): Promise<void> {
    const [only, another] = keys;
    if (only !== undefined && another === undefined) {
      this.#refused.add(only);
      this.#options.observer.ackRefused(error);
      return;
    }
    const middle = keys.length >> 1;
    await this.#deliver(keys.slice(0, middle), signal);
    await this.#deliver(keys.slice(middle), signal);
  }
}
