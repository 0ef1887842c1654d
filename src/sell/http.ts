import { abortable } from "../lib/abortable.ts";
import type { Clock } from "../lib/clock.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import {
  DeniedFault,
  isRetryable,
  UnavailableFault,
} from "../domain/faults.ts";
import type { RequestReport } from "../domain/observer.ts";
import {
  noProxies,
  routeTo,
  type Proxies,
  type Route,
} from "../security/proxies.ts";
import { tlsTroubleOf } from "../security/tls-trouble.ts";
import { withoutSecrets } from "../security/without-secrets.ts";
import { toFault, isThrottling, retryAfterMs, type Answer } from "./answer.ts";
import { readAnswer, type BodyLimit } from "./body.ts";
import type { RateLimiter } from "./rate-limiter.ts";

export interface SellHttpOptions {
  readonly baseUrl: string;
  readonly accessToken: string;
  /** Null for requests that are not of the Sync API. */
  readonly deviceUuid: string | null;
  readonly requestTimeoutMs: number;
  /** The largest page that is read, decoded. */
  readonly maxPageBytes?: number;
  readonly proxies?: Proxies;
  readonly userAgent: string;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly onRequest: (request: RequestReport) => void;
}

/** Codes of what kept a connection from being made. */
const UNREACHED =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\b/;

export interface SellRequest {
  readonly endpoint: RequestReport["endpoint"];
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

/**
 * An idle connection outlasts the usual wait between two polls: otherwise each poll would open one.
 * A time that the server names goes before.
 */
const KEEP_ALIVE_MS = 15_000;

/** The answers to `start` and `ack` hold no records. */
const SMALL_ANSWER: BodyLimit = { bytes: 1_048_576, key: null };
/** Definitions of custom fields have up to 1,000 choices each. */
const DEFINITIONS: BodyLimit = { bytes: 67_108_864, key: null };
const DEFAULT_PAGE_BYTES = 134_217_728;

/**
 * Sends requests to Sell, one attempt a call. Every request waits for its turn under the token's
 * rate; redirects are never followed; no message shows the token.
 */
export class SellHttp implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #options: SellHttpOptions;
  readonly #route: Route;
  readonly #pageLimit: BodyLimit;

  constructor(options: SellHttpOptions) {
    const { requestTimeoutMs, maxPageBytes = DEFAULT_PAGE_BYTES } = options;
    this.#options = options;
    this.baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#pageLimit = { bytes: maxPageBytes, key: "sell.maxPageBytes" };
    // Connections have no limit: a request that waits for one could be sent after the 204.
    this.#route = routeTo(this.baseUrl, options.proxies ?? noProxies, {
      // Certificates are verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      secured: { rejectUnauthorized: true },
      connectTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connected: () => {
        options.limiter.connected();
      },
    });
  }

  /** The proxy in use, to follow Sell's address in a message; empty without one. */
  get via(): string {
    return this.#route.via;
  }

  /**
   * Returns Sell's answer, whatever its status. `waiting` ends the wait for a turn with its reason,
   * but no request that has started. Rejects with an UnavailableFault or DeniedFault without one.
   */
  async send(
    request: SellRequest,
    signal: AbortSignal,
    waiting = signal,
  ): Promise<Answer> {
    const { limiter, clock, onRequest, requestTimeoutMs } = this.#options;
    const startedMs = await limiter.turn(waiting);
    let status = 0;
    let throttled = false;
    const late = new AbortController();
    // `AbortSignal.timeout` would keep its timer for the whole time, however soon the answer comes.
    const timer = setTimeout(() => {
      late.abort(new DOMException("no answer in time", "TimeoutError"));
    }, requestTimeoutMs);
    const within = AbortSignal.any([signal, late.signal]);
    try {
      const asked = this.#route.request(`${this.baseUrl}${request.path}`, {
        method: request.method,
        headers: this.#headers(request.body !== undefined),
        body: request.body ?? null,
        signal: within,
      });
      const response = await abortable(asked, within);
      const answer = await readAnswer(response, this.#limitOf(request));
      status = answer.status;
      throttled = isThrottling(answer);
      const waitMs = retryAfterMs(answer.retryAfter, clock.epochMs());
      if (throttled || (status >= 500 && waitMs !== null))
        limiter.throttled(startedMs, waitMs);
      else if (status < 300) limiter.succeeded();
      return answer;
    } catch (cause) {
      signal.throwIfAborted();
      throw this.#unanswered(request, cause);
    } finally {
      clearTimeout(timer);
      onRequest({
        endpoint: request.endpoint,
        status,
        throttled,
        durationMs: clock.monotonicMs() - startedMs,
        ratePerSecond: limiter.rate,
      });
    }
  }

  /** The fault that an answer stands for which is not the endpoint's success. */
  fault(request: SellRequest, answer: Answer): Error {
    const address = this.#withoutToken(this.#addressOf(request));
    return toFault(request.endpoint, address, answer, [
      this.#options.accessToken,
    ]);
  }

  /** The fault of an answer that can't be read: of this answer alone, so another may be better. */
  unreadable(request: SellRequest, cause: unknown): UnavailableFault {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new UnavailableFault(
      this.#withoutToken(`${this.#addressOf(request)}: ${reason}`),
      { cause },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#route[Symbol.asyncDispose]();
  }

  #limitOf({ endpoint }: SellRequest): BodyLimit {
    if (endpoint === "queue") return this.#pageLimit;
    return endpoint === "custom_fields" ? DEFINITIONS : SMALL_ANSWER;
  }

  #unanswered(request: SellRequest, cause: unknown): Error {
    if (isRetryable(cause)) return this.unreadable(request, cause);
    const trouble = tlsTroubleOf(cause, null);
    if (trouble !== null)
      return new DeniedFault(
        "sell",
        this.#withoutToken(
          `Sell at ${this.baseUrl}${this.#route.via} ${trouble}`,
        ),
      );
    const refusal = this.#route.refusal(cause);
    const reason = refusal?.message ?? this.#reasonOf(cause);
    const message = this.#withoutToken(
      UNREACHED.test(reason)
        ? `Sell at ${this.baseUrl}${this.#route.via} can't be reached: ${reason}`
        : `${this.#addressOf(request)} got no whole answer: ${reason}`,
    );
    return refusal?.isLasting === true
      ? new DeniedFault("sell", message)
      : new UnavailableFault(message);
  }

  #reasonOf(cause: unknown): string {
    return cause instanceof Error && cause.name === "TimeoutError"
      ? `nothing within ${this.#options.requestTimeoutMs} ms (sell.requestTimeoutMs)`
      : reasonOf(cause);
  }

  #addressOf({ method, path }: SellRequest): string {
    return `${method} ${this.baseUrl}${path}${this.#route.via}`;
  }

  #headers(hasBody: boolean): Record<string, string> {
    const { accessToken, deviceUuid, userAgent } = this.#options;
    return {
      authorization: `Bearer ${accessToken}`,
      ...(deviceUuid !== null && { "x-basecrm-device-uuid": deviceUuid }),
      "user-agent": userAgent,
      accept: "application/json",
      "accept-encoding": "gzip",
      ...(hasBody && { "content-type": "application/json" }),
    };
  }

  /** A server may repeat the token in its answer. */
  #withoutToken(text: string): string {
    const { accessToken } = this.#options;
    return withoutSecrets(this.#route.hide(text), [accessToken]);
  }
}
