import { once } from "node:events";
import { abortable, WAIT_OVER } from "../../lib/abortable.ts";
import { ChangeSignal } from "../change-signal.ts";
import { Backoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Item } from "../../domain/change.ts";
import {
  isRetryable,
  SessionLostFault,
  ThrottledFault,
} from "../../domain/faults.ts";
import type { Held, Observer } from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import { countBytes, countItems } from "./pages.ts";
import { mostBatchBytes, mostBufferedBytes } from "./most-buffered-bytes.ts";
import { ReadAhead } from "./read-ahead.ts";
import { ReadCounts, type ReadReport } from "./read-counts.ts";

export interface ReaderOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly parallelFetches: number;
  readonly maxBufferedBytes: number;
  /** How long requests under way may still take, once asked to stop. */
  readonly lastPagesWithinMs?: number;
}

type End = "drained" | "lost" | "stopped";

const LAST_PAGES_WITHIN_MS = 15_000;

/**
 * Reads one session, with several requests under way at once, and holds its pages until `batches`
 * takes them. Ends when Sell says that the session is drained or forgets it, or with `stopping`.
 * Sell's counts only steer how many requests are made ahead; they never end a drain.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #readAhead: ReadAhead;
  readonly #counts = new ReadCounts();
  /** Carried over all requests: one that fails delays the next, whichever that is. */
  readonly #backoff: Backoff;
  /** Aborted when the answers to requests under way are of no use. */
  readonly #abandoned = new AbortController();
  #end: End | null = null;
  #failure: unknown = null;
  #waitMs = 0;
  #pagesLeft: number;
  #requestsUnderWay = 0;
  #pages: Page[] = [];
  #publishingItems = 0;
  /** True once no page can come any more. */
  #isOver = false;
  readonly #changed = new ChangeSignal();

  constructor(options: ReaderOptions) {
    const { maxBufferedBytes, clock, session } = options;
    this.#options = options;
    this.#pagesLeft = session.pages ?? 1;
    this.#backoff = new Backoff(clock);
    this.#readAhead = new ReadAhead(
      Math.min(maxBufferedBytes, mostBufferedBytes),
      mostBatchBytes,
      clock,
    );
  }

  /** What was fetched and is not published yet. */
  get held(): Held {
    const items = countItems(this.#pages) + this.#publishingItems;
    return { items, bytes: this.#readAhead.bytes };
  }

  /**
   * Fetches pages until the session ends. After `stopping`, requests under way may end within
   * `lastPagesWithinMs`; `givingUp` ends them at once. Rejects with a DeniedFault.
   */
  async run(
    stopping: AbortSignal,
    givingUp: AbortSignal = stopping,
  ): Promise<ReadReport & { readonly end: End }> {
    const ended = AbortSignal.any([givingUp, this.#abandoned.signal]);
    const waiting = AbortSignal.any([stopping, ended]);
    try {
      while (this.#isOpen) await this.#step(waiting, ended);
    } catch (error) {
      if (!waiting.aborted) this.#fail(error);
    }
    await this.#untilRequestsEnd(stopping);
    if (this.#end === "lost") this.#dropPages();
    this.#isOver = true;
    this.#changed.tell();
    if (this.#failure !== null) throw this.#failure as Error;
    return { end: this.#end ?? "stopped", ...this.#counts.report() };
  }

  /**
   * Yields the items of all pages that wait, as large batches, until the session is over. A batch
   * counts as published when the next one is asked for.
   */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Item[]> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#pages.length === 0) {
        if (this.#isOver) return;
        await abortable(this.#changed.next, signal);
        continue;
      }
      const pages = this.#takePages();
      const items: Item[] = [];
      // A spread of very many items would overflow the stack.
      for (const page of pages) for (const item of page.items) items.push(item);
      this.#publishingItems = items.length;
      try {
        yield items;
      } finally {
        this.#publishingItems = 0;
        this.#readAhead.published(countBytes(pages));
      }
    }
  }

  get #isOpen(): boolean {
    return this.#end === null && this.#failure === null;
  }

  /** Waits for what the next request needs, then starts it. */
  async #step(waiting: AbortSignal, ended: AbortSignal): Promise<void> {
    if (this.#waitMs > 0) {
      const waitMs = this.#waitMs;
      this.#waitMs = 0;
      await this.#options.clock.sleep(waitMs, waiting);
      return;
    }
    const { parallelFetches } = this.#options;
    const ahead = Math.max(1, Math.min(parallelFetches, this.#pagesLeft));
    if (this.#requestsUnderWay >= ahead) {
      await abortable(this.#changed.next, waiting);
      return;
    }
    await this.#readAhead.room(waiting);
    if (!this.#isOpen) return;
    this.#requestsUnderWay++;
    this.#readAhead.requested();
    void this.#fetch(waiting, ended);
  }

  async #fetch(waiting: AbortSignal, ended: AbortSignal): Promise<void> {
    const { session, observer } = this.#options;
    try {
      const page = await session.fetch(ended, waiting);
      if (page === null) this.#end ??= "drained";
      if (page === null || this.#end === "lost") this.#readAhead.failed();
      else {
        this.#pages.push(page);
        this.#readAhead.received(page);
        this.#counts.page(page);
        this.#plan(page);
        observer.buffered(this.held);
        observer.pageFetched(page);
      }
    } catch (error) {
      this.#readAhead.failed();
      if (!ended.aborted && error !== waiting.reason) this.#judge(error);
      // What this request would have brought is unknown, so the drain is not complete.
      else if (this.#end === "drained") this.#end = "stopped";
    } finally {
      this.#requestsUnderWay--;
      this.#changed.tell();
    }
  }

  /** Decides by the latest page how many requests to make ahead, and whether to wait first. */
  #plan({ items, countLeft }: Page): void {
    this.#pagesLeft =
      countLeft === null || items.length === 0
        ? this.#pagesLeft - 1
        : Math.ceil(countLeft / items.length);
    // An empty page does not end the session, but a request at once would bring another.
    if (items.length === 0) this.#delay();
    else this.#backoff.succeeded();
  }

  /** Requests that fail at the same time delay the next one once. Returns the failures in a row. */
  #delay(): number {
    this.#waitMs ||= this.#backoff.nextWaitMs();
    return this.#backoff.failures;
  }

  #judge(error: unknown): void {
    const { observer } = this.#options;
    if (error instanceof SessionLostFault) {
      // Sell may forget a drained session: none of its pages is missing.
      if (this.#end === "drained") return;
      this.#end = "lost";
      observer.retrying("fetch", error, 1, 0);
      this.#abandoned.abort(error);
    } else if (isRetryable(error)) {
      if (!(error instanceof ThrottledFault))
        this.#counts.lostPage(error as Error);
      observer.retrying("fetch", error, this.#delay(), this.#waitMs);
    } else {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#abandoned.abort(error);
  }

  /** Waits for the requests under way; once asked to stop, only for `lastPagesWithinMs`. */
  async #untilRequestsEnd(stopping: AbortSignal): Promise<void> {
    const { clock, lastPagesWithinMs = LAST_PAGES_WITHIN_MS } = this.#options;
    if (this.#requestsUnderWay === 0) return;
    const over = new AbortController();
    const allEnded = async () => {
      while (this.#requestsUnderWay > 0) await this.#changed.next;
      over.abort(WAIT_OVER);
    };
    const abandonInTime = async () => {
      if (!stopping.aborted)
        await once(stopping, "abort", { signal: over.signal });
      await clock.sleep(lastPagesWithinMs, over.signal);
      this.#abandoned.abort(stopping.reason);
    };
    await Promise.all([allEnded(), abandonInTime().catch(() => undefined)]);
  }

  /** Drops the pages that wait: Sell hands their items out again in the next session. */
  #dropPages(): void {
    const pages = this.#pages.splice(0);
    this.#readAhead.dropped(countBytes(pages));
    this.#options.observer.dropped(countItems(pages));
  }

  /** Takes the pages of one batch: at least one page, then as many as fit. */
  #takePages(): Page[] {
    let count = 0;
    let bytes = 0;
    for (const page of this.#pages) {
      if (count > 0 && bytes + page.bytes > mostBatchBytes) break;
      bytes += page.bytes;
      count++;
    }
    return this.#pages.splice(0, count);
  }
}
