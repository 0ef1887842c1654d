import { randomUUID } from "node:crypto";
import { request } from "undici";
import { abortable } from "../lib/abortable.ts";
import { reasonOf as wordsOf } from "../lib/reason-of.ts";
import type { AckKey } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import { DeniedFault, UnavailableFault } from "../domain/faults.ts";
import type { RequestReport } from "../domain/observer.ts";
import type { Page, Session, Source } from "../domain/ports.ts";
import {
  isLastingRefusal,
  noProxies,
  routeTo,
  type Proxies,
  type Route,
} from "../security/proxies.ts";
import { tlsTroubleOf } from "../security/tls-trouble.ts";
import { withoutSecrets } from "../security/without-secrets.ts";
import { faultOf, isThrottling, retryAfterMs, type Answer } from "./answer.ts";
import { readAnswer, type BodyLimit } from "./body.ts";
import { probeOf, type Probe } from "./probe.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { decodePage, decodeSession } from "./wire.ts";

const START_LIMIT: BodyLimit = { bytes: 1_048_576, key: null };
const ACK_LIMIT: BodyLimit = { bytes: 1_048_576, key: null };

export interface SellClientOptions {
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly deviceUuid: string;
  readonly requestTimeoutMs: number;
  /** The largest page that is read, decoded. */
  readonly maxPageBytes?: number;
  readonly proxies?: Proxies;
  /** The most requests that are under way at once. */
  readonly connections: number;
  readonly userAgent: string;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly onRequest: (request: RequestReport) => void;
}

/**
 * The three endpoints of Sell's Sync API v2 (developer.zendesk.com, "Sync API"), one attempt a
 * call. Every request waits for its turn under the token's rate; redirects are never followed.
 */
export class SellClient implements Source, AsyncDisposable {
  readonly #options: SellClientOptions;
  readonly #route: Route;
  readonly #baseUrl: string;
  readonly #pageLimit: BodyLimit;

  constructor(options: SellClientOptions) {
    const { requestTimeoutMs, maxPageBytes = 134_217_728 } = options;
    this.#options = options;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#pageLimit = { bytes: maxPageBytes, key: "sell.maxPageBytes" };
    this.#route = routeTo(this.#baseUrl, options.proxies ?? noProxies, {
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      secured: { rejectUnauthorized: true },
      connections: options.connections,
      connectTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      connected: () => {
        options.limiter.connected();
      },
    });
  }

  async open(signal: AbortSignal): Promise<Session | null> {
    const path = "/v2/sync/start";
    const answer = await this.#send("start", "POST", path, null, signal);
    if (answer.status === 204) return null;
    if (answer.status !== 201) throw this.#fault("start", "POST", path, answer);
    const session = this.#decoded("POST", path, () =>
      decodeSession(answer.body),
    );
    const drained = new AbortController();
    return {
      ...session,
      fetch: (fetchSignal, stopping) =>
        this.fetch(session.id, fetchSignal, drained, stopping),
    };
  }

  /**
   * Takes the next page of a session's queue; null when it is drained. Calls that share `drained`
   * and still wait for their turn when Sell says so end without a request, and so do those that
   * wait when `stopping` is aborted, with its reason.
   */
  async fetch(
    sessionId: string,
    signal: AbortSignal,
    drained = new AbortController(),
    stopping = signal,
  ): Promise<Page | null> {
    const path = `/v2/sync/${encodeURIComponent(sessionId)}/queues/main`;
    const waiting = AbortSignal.any([signal, stopping, drained.signal]);
    let answer: Answer;
    try {
      answer = await this.#send("queue", "GET", path, null, signal, waiting);
    } catch (error) {
      if (error === drained.signal.reason) return null;
      throw error;
    }
    if (answer.status === 204) {
      drained.abort(new Error("the queue is drained"));
      return null;
    }
    if (answer.status !== 200) throw this.#fault("queue", "GET", path, answer);
    const takenAtMs = this.#options.clock.epochMs();
    return this.#decoded("GET", path, () =>
      decodePage(answer.body, sessionId, takenAtMs),
    );
  }

  async acknowledge(
    keys: readonly AckKey[],
    signal: AbortSignal,
  ): Promise<void> {
    const path = "/v2/sync/ack";
    const body = JSON.stringify({ data: { ack_keys: keys } });
    const answer = await this.#send("ack", "POST", path, body, signal);
    if (answer.status !== 202) throw this.#fault("ack", "POST", path, answer);
  }

  /** Asks for the queue of a session that never was, which hands nothing out; tells who answers, and what. */
  async probe(signal: AbortSignal): Promise<Probe> {
    const path = `/v2/sync/${randomUUID()}/queues/main`;
    const answer = await this.#send("queue", "GET", path, null, signal);
    const { message } = this.#fault("queue", "GET", path, answer);
    return probeOf(answer, message, this.#baseUrl);
  }

  /** To follow Sell's address in a message; empty until a proxy is in use. */
  get via(): string {
    return this.#route.via;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#route.dispatcher.destroy();
  }

  #fault(
    endpoint: RequestReport["endpoint"],
    method: string,
    path: string,
    answer: Answer,
  ): Error {
    const address = this.#withoutToken(this.#nameOf(method, path));
    return faultOf(endpoint, address, answer, [this.#options.accessToken]);
  }

  async #send(
    endpoint: RequestReport["endpoint"],
    method: "GET" | "POST",
    path: string,
    body: string | null,
    signal: AbortSignal,
    /** Ends the wait for a turn, but no request that has started. */
    waiting = signal,
  ): Promise<Answer> {
    const { limiter, clock, onRequest, requestTimeoutMs } = this.#options;
    const startedMs = await limiter.turn(waiting);
    let status = 0;
    let throttled = false;
    const late = new AbortController();
    // One of `AbortSignal.timeout` would stay for its whole time, however soon the answer comes.
    const timer = setTimeout(() => {
      late.abort(new DOMException("no answer in time", "TimeoutError"));
    }, requestTimeoutMs);
    const within = AbortSignal.any([signal, late.signal]);
    try {
      const asked = request(`${this.#baseUrl}${path}`, {
        dispatcher: this.#route.dispatcher,
        method,
        headers: this.#headers(body !== null),
        body,
        signal: within,
      });
      // undici does not reject a request that still waits for a connection.
      const response = await abortable(asked, within);
      const answer = await readAnswer(response, this.#limitOf(endpoint));
      status = answer.status;
      throttled = isThrottling(answer);
      const waitMs = retryAfterMs(answer.retryAfter, clock.epochMs());
      if (throttled || (status >= 500 && waitMs !== null))
        limiter.throttled(startedMs, waitMs);
      else if (status < 300) limiter.succeeded();
      return answer;
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof UnavailableFault)
        throw this.#unreadable(method, path, cause);
      const trouble = tlsTroubleOf(cause, null);
      if (trouble !== null)
        throw new DeniedFault(
          this.#withoutToken(
            `Sell at ${this.#baseUrl}${this.#route.via} ${trouble}`,
          ),
        );
      const refusal = this.#route.refusal(cause);
      const isLasting = refusal !== null && isLastingRefusal(refusal);
      const reason = refusal ?? reasonOf(cause, requestTimeoutMs);
      throw new (isLasting ? DeniedFault : UnavailableFault)(
        this.#withoutToken(
          `${this.#nameOf(method, path)} got no whole answer: ${reason}`,
        ),
      );
    } finally {
      clearTimeout(timer);
      onRequest({
        endpoint,
        status,
        throttled,
        durationMs: clock.monotonicMs() - startedMs,
        ratePerSecond: limiter.rate,
      });
    }
  }

  /** What an answer says; that it says nothing is a fault of this answer alone. */
  #decoded<T>(method: string, path: string, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      throw this.#unreadable(method, path, error);
    }
  }

  #unreadable(method: string, path: string, cause: unknown): Error {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new UnavailableFault(
      this.#withoutToken(`${this.#nameOf(method, path)}: ${reason}`),
      { cause },
    );
  }

  #limitOf(endpoint: RequestReport["endpoint"]): BodyLimit {
    if (endpoint === "queue") return this.#pageLimit;
    return endpoint === "start" ? START_LIMIT : ACK_LIMIT;
  }

  #nameOf(method: string, path: string): string {
    return `${method} ${this.#baseUrl}${path}${this.#route.via}`;
  }

  #headers(hasBody: boolean): Record<string, string> {
    const { accessToken, deviceUuid, userAgent } = this.#options;
    return {
      authorization: `Bearer ${accessToken}`,
      "x-basecrm-device-uuid": deviceUuid,
      "user-agent": userAgent,
      accept: "application/json",
      "accept-encoding": "gzip",
      ...(hasBody && { "content-type": "application/json" }),
    };
  }

  /** A server may echo the token in what it says. */
  #withoutToken(text: string): string {
    const { accessToken } = this.#options;
    return withoutSecrets(this.#route.hide(text), [accessToken]);
  }
}

function reasonOf(cause: unknown, requestTimeoutMs: number): string {
  return cause instanceof Error && cause.name === "TimeoutError"
    ? `nothing within ${requestTimeoutMs} ms (sell.requestTimeoutMs)`
    : wordsOf(cause);
}
