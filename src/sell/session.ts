import type { Clock } from "../lib/clock.ts";
import type { Page, Session } from "../domain/ports.ts";
import type { SellHttp, SellRequest } from "./http.ts";
import { decodePage, type SessionStart } from "./wire.ts";

/** The request for the next page of a session's queue. */
export function queueRequest(sessionId: string): SellRequest {
  const path = `/v2/sync/${encodeURIComponent(sessionId)}/queues/main`;
  return { endpoint: "queue", method: "GET", path };
}

/** One session of the Sync API, whose queue Sell hands out page by page. */
export class SellSession implements Session {
  readonly id: string;
  readonly pages: number | null;
  readonly totalCount: number | null;
  readonly #http: SellHttp;
  readonly #clock: Clock;
  /** Aborted once Sell says that the queue is drained: requests that wait for their turn are not sent. */
  readonly #drained = new AbortController();

  constructor(
    { id, pages = null, totalCount = null }: SessionStart,
    http: SellHttp,
    clock: Clock,
  ) {
    this.id = id;
    this.pages = pages;
    this.totalCount = totalCount;
    this.#http = http;
    this.#clock = clock;
  }

  async fetch(signal: AbortSignal, stopping = signal): Promise<Page | null> {
    const request = queueRequest(this.id);
    const drained = this.#drained.signal;
    const waiting = AbortSignal.any([signal, stopping, drained]);
    let answer;
    try {
      answer = await this.#http.send(request, signal, waiting);
    } catch (error) {
      if (error === drained.reason) return null;
      throw error;
    }
    if (answer.status === 204) {
      this.#drained.abort(new Error("the queue is drained"));
      return null;
    }
    if (answer.status !== 200) throw this.#http.fault(request, answer);
    try {
      return decodePage(answer.body, this.id, this.#clock.epochMs());
    } catch (error) {
      throw this.#http.unreadable(request, error);
    }
  }
}
