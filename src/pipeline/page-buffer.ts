import { abortable } from "../lib/abortable.ts";
import type { Item } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import type { Held } from "../domain/observer.ts";
import type { Page } from "../domain/ports.ts";

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
}

/** When there has been no room for so long, the publisher is held up: Kafka is away. */
const HELD_UP_MS = 10_000;

/** However large pages are, several may be on their way at once. */
const PAGES_AHEAD = 8;

/**
 * Holds fetched pages until the publisher takes them. Two batches keep it busy, one that is being
 * published and one that waits; only while it is held up does the buffer fill up to `maxBytes`,
 * decoded.
 */
export class PageBuffer {
  readonly #maxBytes: number;
  readonly #maxBatchBytes: number;
  readonly #clock: Clock;
  #pages: Page[] = [];
  #waitingBytes = 0;
  #publishingBytes = 0;
  #publishingItems = 0;
  #requested = 0;
  #largestPage: number;
  #hasSeenItems = false;
  #isHeldUp = false;
  #isClosed = false;
  #waiters: Waiter[] = [];

  constructor(maxBytes: number, clock: Clock, maxBatchBytes = 4 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
    // Until a page with items has come, it may be of any size: they are asked for one by one.
    this.#largestPage = maxBytes;
    this.#maxBatchBytes = maxBatchBytes;
  }

  /** Bytes fetched and not yet published, those being published included. */
  get bytes(): number {
    return this.#waitingBytes + this.#publishingBytes;
  }

  get held(): Held {
    const waiting = countItems(this.#pages);
    return { items: waiting + this.#publishingItems, bytes: this.bytes };
  }

  /**
   * True when one more page may be requested: a page of the largest size seen still fits
   * beside those on their way. A page is always allowed when there is no other.
   */
  get hasRoom(): boolean {
    const expected = (this.#requested + 1) * this.#largestPage;
    return (
      (this.bytes === 0 && this.#requested === 0) ||
      this.bytes + expected <= this.#limit
    );
  }

  async room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.hasRoom) return;
    const over = new AbortController();
    void this.#waitForMore(over.signal);
    try {
      await this.#until(() => this.hasRoom, signal);
    } finally {
      over.abort();
    }
  }

  /** Counts a page that is being requested; `add` or `miss` must follow. */
  expect(): void {
    this.#requested++;
  }

  miss(): void {
    this.#requested--;
    this.#wake();
  }

  add(page: Page): void {
    this.#requested--;
    if (page.items.length > 0) {
      const known = this.#hasSeenItems ? this.#largestPage : 0;
      this.#largestPage = Math.max(known, page.bytes);
      this.#hasSeenItems = true;
    }
    this.#pages.push(page);
    this.#waitingBytes += page.bytes;
    this.#wake();
  }

  /** No page will be added any more; `batches` ends once what waits is taken. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Gives up what waits and is not being published; returns the number of items. */
  drop(): number {
    const items = countItems(this.#pages);
    this.#pages = [];
    this.#waitingBytes = 0;
    this.#wake();
    return items;
  }

  /** All that waits, as large batches; a batch's room is free once the next one is asked for. */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Item[]> {
    for (;;) {
      await this.#until(() => this.#pages.length > 0 || this.#isClosed, signal);
      const items = this.#take();
      if (items === null) return;
      try {
        yield items;
      } finally {
        this.#isHeldUp = false;
        this.#publishingBytes = 0;
        this.#publishingItems = 0;
        this.#wake();
      }
    }
  }

  get #limit(): number {
    if (this.#isHeldUp) return this.#maxBytes;
    const ahead = PAGES_AHEAD * this.#largestPage;
    return Math.min(this.#maxBytes, Math.max(2 * this.#maxBatchBytes, ahead));
  }

  async #waitForMore(over: AbortSignal): Promise<void> {
    if (this.#limit === this.#maxBytes) return;
    try {
      await this.#clock.sleep(HELD_UP_MS, over);
    } catch {
      return;
    }
    this.#isHeldUp = true;
    this.#wake();
  }

  #take(): Item[] | null {
    if (this.#pages.length === 0) return null;
    const items: Item[] = [];
    let count = 0;
    for (const page of this.#pages) {
      if (count > 0 && this.#publishingBytes + page.bytes > this.#maxBatchBytes)
        break;
      for (const item of page.items) items.push(item);
      this.#publishingBytes += page.bytes;
      count++;
    }
    this.#pages.splice(0, count);
    this.#publishingItems = items.length;
    this.#waitingBytes -= this.#publishingBytes;
    return items;
  }

  async #until(isMet: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const waiter: Waiter = {
      isMet,
      resolve: () => {
        resolve(undefined);
      },
    };
    this.#waiters.push(waiter);
    try {
      await abortable(promise, signal);
    } finally {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
    }
  }

  #wake(): void {
    for (const waiter of this.#waiters) if (waiter.isMet()) waiter.resolve();
  }
}

function countItems(pages: readonly Page[]): number {
  return pages.reduce((sum, page) => sum + page.items.length, 0);
}
