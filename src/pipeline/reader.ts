import { once } from "node:events";
import { abortable } from "../lib/abortable.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import {
  SessionLostFault,
  ThrottledFault,
  UnavailableFault,
} from "../domain/faults.ts";
import type { Observer } from "../domain/observer.ts";
import type { PageBuffer } from "./page-buffer.ts";
import type { FailedObject, Page, Session } from "../domain/ports.ts";

export interface ReaderOptions {
  readonly session: Session;
  readonly buffer: PageBuffer;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly parallelFetches: number;
  readonly lastPagesWithinMs?: number;
}

export interface ReadReport {
  readonly end: "drained" | "lost" | "stopped";
  readonly fetched: number;
  readonly withoutKey: number;
  readonly lostPages: number;
  readonly lostBecause: readonly string[];
  readonly failedObjects: readonly FailedObject[];
}

const LAST_PAGES_WITHIN_MS = 15_000;
const MOST_REASONS = 3;
const MOST_FAILED_OBJECTS = 10_000;

/**
 * Drains one session into the buffer, with several requests under way at once, until Sell
 * answers that it is drained, forgets the session, or `stopping` is aborted. After that no
 * further request is made; those under way may end, when stopping within `lastPagesWithinMs`.
 *
 * Sell's counts only steer how many requests are made ahead; they never end a drain.
 * Rejects with a DeniedFault.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #backoff: Backoff;
  readonly #abandoned = new AbortController();
  #end: ReadReport["end"] | null = null;
  #failure: unknown = null;
  #retryAfterFailure = false;
  #pagesLeft: number;
  #underWay = 0;
  #progress = Promise.withResolvers<undefined>();
  #fetched = 0;
  #withoutKey = 0;
  #lostPages = 0;
  readonly #lostBecause = new Set<string>();
  readonly #failedObjects: FailedObject[] = [];

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#pagesLeft = options.session.pages ?? 1;
    this.#backoff = new Backoff(options.clock);
  }

  /** `givingUp` also ends the requests that are under way. */
  async run(
    stopping: AbortSignal,
    givingUp: AbortSignal = stopping,
  ): Promise<ReadReport> {
    const { buffer, observer } = this.#options;
    const ended = AbortSignal.any([givingUp, this.#abandoned.signal]);
    const waiting = AbortSignal.any([stopping, ended]);
    try {
      while (this.#isOpen) await this.#step(waiting, ended);
    } catch (error) {
      if (!waiting.aborted) this.#fail(error);
    }
    await this.#lastPages(stopping);
    if (this.#end === "lost") observer.dropped(buffer.drop());
    buffer.close();
    if (this.#failure !== null) throw this.#failure as Error;
    return {
      end: this.#end ?? "stopped",
      fetched: this.#fetched,
      withoutKey: this.#withoutKey,
      lostPages: this.#lostPages,
      lostBecause: [...this.#lostBecause],
      failedObjects: this.#failedObjects,
    };
  }

  get #isOpen(): boolean {
    return this.#end === null && this.#failure === null;
  }

  /** Waits for the requests under way; once asked to stop, not for ever. */
  async #lastPages(stopping: AbortSignal): Promise<void> {
    const { clock, lastPagesWithinMs = LAST_PAGES_WITHIN_MS } = this.#options;
    const over = new AbortController();
    const allEnded = async () => {
      while (this.#underWay > 0) await this.#progress.promise;
      over.abort();
    };
    const cut = async () => {
      if (!stopping.aborted)
        await once(stopping, "abort", { signal: over.signal });
      await clock.sleep(lastPagesWithinMs, over.signal);
      this.#abandoned.abort(stopping.reason);
    };
    await Promise.all([allEnded(), cut().catch(() => undefined)]);
  }

  async #step(signal: AbortSignal, ended: AbortSignal): Promise<void> {
    const { buffer, parallelFetches } = this.#options;
    if (this.#retryAfterFailure) {
      this.#retryAfterFailure = false;
      await this.#backoff.failed(signal);
      return;
    }
    const ahead = Math.max(1, Math.min(parallelFetches, this.#pagesLeft));
    if (this.#underWay >= ahead) {
      await abortable(this.#progress.promise, signal);
      return;
    }
    await buffer.room(signal);
    if (!this.#isOpen) return;
    this.#underWay++;
    buffer.expect();
    void this.#fetch(ended, signal);
  }

  async #fetch(ended: AbortSignal, waiting: AbortSignal): Promise<void> {
    const { session, buffer } = this.#options;
    try {
      const page = await session.fetch(ended, waiting);
      if (page === null) {
        this.#end ??= "drained";
        buffer.miss();
      } else if (this.#end === "lost") {
        buffer.miss();
      } else {
        this.#take(page);
      }
    } catch (error) {
      buffer.miss();
      if (!ended.aborted && error !== waiting.reason) this.#judge(error);
      // What this request would have brought is not known: the drain is not complete.
      else if (this.#end === "drained") this.#end = "stopped";
    } finally {
      this.#underWay--;
      const { resolve } = this.#progress;
      this.#progress = Promise.withResolvers();
      resolve(undefined);
    }
  }

  #take(page: Page): void {
    const { buffer, observer } = this.#options;
    this.#fetched += page.items.length;
    const room = MOST_FAILED_OBJECTS - this.#failedObjects.length;
    for (const failed of page.failedObjects.slice(0, room))
      this.#failedObjects.push(failed);
    for (const item of page.items) if (item.ackKey === null) this.#withoutKey++;
    this.#pagesLeft =
      page.countLeft === null || page.items.length === 0
        ? this.#pagesLeft - 1
        : Math.ceil(page.countLeft / page.items.length);
    // An empty page is no end, but asking at once would only meet the same trouble.
    if (page.items.length === 0) this.#retryAfterFailure = true;
    else this.#backoff.succeeded();
    buffer.add(page);
    observer.buffered(buffer.held);
    observer.pageFetched(page);
  }

  #judge(error: unknown): void {
    const { observer } = this.#options;
    if (error instanceof SessionLostFault) {
      // A session that is drained may well be gone: nothing of it is missing.
      if (this.#end === "drained") return;
      this.#end = "lost";
      observer.retrying("fetch", error, 1);
      this.#abandoned.abort(error);
    } else if (error instanceof UnavailableFault) {
      if (!(error instanceof ThrottledFault)) this.#lost(error);
      this.#retryAfterFailure = true;
      observer.retrying("fetch", error, this.#backoff.failures + 1);
    } else {
      this.#fail(error);
    }
  }

  #lost({ message }: UnavailableFault): void {
    this.#lostPages++;
    if (this.#lostBecause.size < MOST_REASONS) this.#lostBecause.add(message);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#abandoned.abort(error);
  }
}
