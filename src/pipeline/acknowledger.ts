import { abortable, WAIT_OVER } from "../lib/abortable.ts";
import type { AckBatchSize } from "./ack-batch-size.ts";
import { ChangeSignal } from "./change-signal.ts";
import type { AckKey } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import { DistinctCounter } from "../lib/distinct-counter.ts";
import { retry } from "../lib/retry.ts";
import {
  AckRefusedFault,
  isRetryable,
  ThrottledFault,
} from "../domain/faults.ts";
import type { Observer } from "../domain/observer.ts";
import type { Source } from "../domain/ports.ts";
import type { Settled } from "../domain/settled.ts";

/** At 1,000 keys a second, as fast as Sell hands them out, a batch of 2,000 fills within this time. */
const LINGER_MS = 4_000;
/** Bounds a request's body: Sell's keys may be of any length. Keys of usual length never reach it. */
const MAX_BATCH_LENGTH = 1 << 20;

export interface AcknowledgerOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Lives longer than an acknowledger, so that each drain starts with the size that Sell accepts. */
  readonly ackBatches: AckBatchSize;
}

/**
 * Acknowledges the keys of settled items to Sell, in batches: once one is full, after a short
 * linger, or when no more keys come. A batch is repeated until Sell accepts it.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #confirmed = new DistinctCounter();
  #waiting: AckKey[] = [];
  /** Keys that were released since the beginning. */
  #releasedKeys = 0;
  /** Keys that Sell accepted or refused, or that were discarded, since the beginning. */
  #finishedKeys = 0;
  /** Each is told once the first `atKey` keys are finished. */
  #unfinished: { readonly atKey: number; readonly settled: Settled }[] = [];
  #oldestMs = 0;
  readonly #refused = new Set<AckKey>();
  #isEnding = false;
  readonly #changed = new ChangeSignal();

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Distinct keys that Sell accepted. */
  get confirmed(): number {
    return this.#confirmed.count;
  }

  /** Keys that were released and that Sell has not accepted yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Keys that Sell refused even alone, and has not accepted since. */
  get refused(): number {
    return this.#refused.size;
  }

  release(settled: Settled): void {
    const keys = settled.ackKeys;
    if (keys.length === 0) return;
    if (this.#waiting.length === 0)
      this.#oldestMs = this.#options.clock.monotonicMs();
    for (const key of keys) this.#waiting.push(key);
    this.#releasedKeys += keys.length;
    this.#unfinished.push({ atKey: this.#releasedKeys, settled });
    this.#options.observer.unacknowledged(this.waiting);
    this.#changed.tell();
  }

  /** Drops the keys that were released and not accepted yet. */
  discard(): void {
    this.#finishedKeys += this.#waiting.length;
    this.#waiting = [];
    this.#unfinished = [];
    this.#options.observer.unacknowledged(0);
  }

  /** No more keys will be released: `run` ends once Sell has accepted all of them. */
  end(): void {
    this.#isEnding = true;
    this.#changed.tell();
  }

  /**
   * Sends batches until `end` was called and no key waits; may be run again after that.
   * Rejects with the signal's reason, or a DeniedFault.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#isEnding = false;
    for (;;) {
      await this.#untilBatchIsDue(signal);
      if (this.waiting === 0 && this.#isEnded()) return;
      const keys = this.#nextBatch();
      await this.#send([...new Set(keys)], signal);
      this.#waiting.splice(0, keys.length);
      this.#tellAcknowledged(keys.length);
      this.#options.observer.unacknowledged(this.waiting);
      this.#oldestMs = this.#options.clock.monotonicMs();
    }
  }

  #nextBatch(): AckKey[] {
    const keys: AckKey[] = [];
    let length = 0;
    for (const key of this.#waiting) {
      length += key.length;
      const isFull = keys.length === this.#options.ackBatches.keys;
      if (keys.length > 0 && (isFull || length > MAX_BATCH_LENGTH)) break;
      keys.push(key);
    }
    return keys;
  }

  async #untilBatchIsDue(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#isEnded()) return;
      if (this.#waiting.length >= this.#options.ackBatches.keys) return;
      const changed = this.#changed.next;
      if (this.#waiting.length === 0) {
        await abortable(changed, signal);
        continue;
      }
      const lingerMs =
        this.#oldestMs + LINGER_MS - this.#options.clock.monotonicMs();
      if (lingerMs <= 0) return;
      const over = new AbortController();
      try {
        await Promise.race([
          changed,
          this.#options.clock.sleep(
            lingerMs,
            AbortSignal.any([signal, over.signal]),
          ),
        ]);
      } finally {
        over.abort(WAIT_OVER);
      }
    }
  }

  async #send(keys: readonly AckKey[], signal: AbortSignal): Promise<void> {
    const { source, clock, observer, ackBatches } = this.#options;
    const isGrown = ackBatches.isGrown(keys.length);
    try {
      await retry(
        () => source.acknowledge(keys, signal),
        {
          clock,
          isRetryable: (error) =>
            error instanceof ThrottledFault || (!isGrown && isRetryable(error)),
          failed: (error, failures, waitMs) => {
            observer.retrying("acknowledge", error, failures, waitMs);
          },
        },
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AckRefusedFault)
        await this.#sendRefused(keys, error, signal);
      else if (isRetryable(error)) {
        ackBatches.failed(keys.length);
        observer.retrying("acknowledge", error, 1, 0);
        await this.#sendHalves(keys, signal);
      } else throw error;
      return;
    }
    ackBatches.accepted(keys.length);
    let newKeys = 0;
    for (const key of keys) {
      this.#refused.delete(key);
      if (this.#confirmed.add(key)) newKeys++;
    }
    observer.acknowledged(newKeys);
  }

  #tellAcknowledged(keys: number): void {
    this.#finishedKeys += keys;
    const finished = this.#unfinished.filter(
      ({ atKey }) => atKey <= this.#finishedKeys,
    );
    this.#unfinished.splice(0, finished.length);
    for (const { settled } of finished) settled.acknowledged();
  }

  #isEnded(): boolean {
    return this.#isEnding;
  }

  /** Finds the keys that Sell refuses, so that they do not keep it from accepting the others. */
  async #sendRefused(
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
    await this.#sendHalves(keys, signal);
    // Sell accepts each of the keys, so it was their number that it refused.
    if (!keys.some((key) => this.#refused.has(key)))
      this.#options.ackBatches.tooLarge(keys.length);
  }

  async #sendHalves(
    keys: readonly AckKey[],
    signal: AbortSignal,
  ): Promise<void> {
    const middle = keys.length >> 1;
    await this.#send(keys.slice(0, middle), signal);
    await this.#send(keys.slice(middle), signal);
  }
}
