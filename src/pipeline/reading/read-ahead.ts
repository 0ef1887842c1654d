import { abortable, WAIT_OVER } from "../../lib/abortable.ts";
import { ChangeSignal } from "../change-signal.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Page } from "../../domain/ports.ts";

/** After so long without room, the publisher is held up, as when Kafka is away. */
const HELD_UP_MS = 10_000;

/** So many pages may be on their way at once, however large they are. */
const PAGES_AHEAD = 8;

/**
 * Limits the pages that are fetched ahead of the publisher, in decoded bytes: two batches, one that
 * is being published and one that waits; up to `maxBytes` only while the publisher is held up.
 */
export class ReadAhead {
  readonly #maxBytes: number;
  readonly #maxBatchBytes: number;
  readonly #clock: Clock;
  #bytes = 0;
  #requestedPages = 0;
  #largestPage: number;
  #hasSeenItems = false;
  #isHeldUp = false;
  readonly #changed = new ChangeSignal();

  constructor(maxBytes: number, maxBatchBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#maxBatchBytes = maxBatchBytes;
    this.#clock = clock;
    // The first page with items may be of any size, so pages are requested one by one until it came.
    this.#largestPage = maxBytes;
  }

  /** Bytes that were fetched and are not published yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether one more page may be requested: one of the largest size so far still fits beside those
   * that were fetched or requested. A page may always be requested when there is no other.
   */
  get hasRoom(): boolean {
    const expected = (this.#requestedPages + 1) * this.#largestPage;
    return (
      (this.#bytes === 0 && this.#requestedPages === 0) ||
      this.#bytes + expected <= this.#limit
    );
  }

  /** Resolves once there is room for one more page. */
  async room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.hasRoom) await this.#waitForRoom(signal);
  }

  async #waitForRoom(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    void this.#detectHoldUp(over.signal);
    try {
      while (!this.hasRoom) await abortable(this.#changed.next, signal);
    } finally {
      over.abort(WAIT_OVER);
    }
  }

  /** Counts a page that is being requested; `received` or `failed` must follow. */
  requested(): void {
    this.#requestedPages++;
  }

  received(page: Page): void {
    this.#requestedPages--;
    if (page.items.length > 0) {
      const known = this.#hasSeenItems ? this.#largestPage : 0;
      this.#largestPage = Math.max(known, page.bytes);
      this.#hasSeenItems = true;
    }
    this.#bytes += page.bytes;
    this.#changed.tell();
  }

  /** The request brought no page. */
  failed(): void {
    this.#requestedPages--;
    this.#changed.tell();
  }

  /** So many bytes of pages were published. */
  published(bytes: number): void {
    this.#isHeldUp = false;
    this.dropped(bytes);
  }

  dropped(bytes: number): void {
    this.#bytes -= bytes;
    this.#changed.tell();
  }

  get #limit(): number {
    if (this.#isHeldUp) return this.#maxBytes;
    const ahead = PAGES_AHEAD * this.#largestPage;
    return Math.min(this.#maxBytes, Math.max(2 * this.#maxBatchBytes, ahead));
  }

  async #detectHoldUp(over: AbortSignal): Promise<void> {
    if (this.#limit === this.#maxBytes) return;
    try {
      await this.#clock.sleep(HELD_UP_MS, over);
    } catch {
      return;
    }
    this.#isHeldUp = true;
    this.#changed.tell();
  }
}
