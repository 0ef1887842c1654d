import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { Agent, buildConnector, request, type Dispatcher } from "undici";
import { reasonOf as wordsOf } from "../causes/reason-of.ts";
import type { AckKey } from "../pipeline/change.ts";
import type { Clock } from "../pipeline/clock.ts";
import { UnavailableFault } from "../pipeline/faults.ts";
import type { RequestReport } from "../pipeline/observer.ts";
import type { Page, Session, Source } from "../pipeline/ports.ts";
import { withoutSecrets } from "../security/without-secrets.ts";
import { faultOf, isThrottling, retryAfterMs, type Answer } from "./answer.ts";
import { probeOf, type Probe } from "./probe.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { decodePage, decodeSession } from "./wire.ts";

const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

export interface SellClientOptions {
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly deviceUuid: string;
  readonly requestTimeoutMs: number;
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
  readonly #agent: Agent;
  readonly #baseUrl: string;

  constructor(options: SellClientOptions) {
    this.#options = options;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
    const connect = buildConnector({
      timeout: options.requestTimeoutMs,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
    });
    this.#agent = new Agent({
      connections: options.connections,
      connect: (target, done) => {
        connect(target, (...result) => {
          options.limiter.connected();
          done(...result);
        });
      },
      headersTimeout: options.requestTimeoutMs,
      bodyTimeout: options.requestTimeoutMs,
    });
  }

  async open(signal: AbortSignal): Promise<Session | null> {
    const path = "/v2/sync/start";
    const answer = await this.#send("start", "POST", path, null, signal);
    if (answer.status === 204) return null;
    if (answer.status !== 201) throw this.#fault("start", "POST", path, answer);
    const session = decodeSession(answer.body);
    const drained = new AbortController();
    return {
      ...session,
      fetch: (fetchSignal) => this.fetch(session.id, fetchSignal, drained),
    };
  }

  /**
   * Takes the next page of a session's queue; null when it is drained. Calls that share `drained`
   * and still wait for their turn when Sell says so end without a request.
   */
  async fetch(
    sessionId: string,
    signal: AbortSignal,
    drained = new AbortController(),
  ): Promise<Page | null> {
    const path = `/v2/sync/${encodeURIComponent(sessionId)}/queues/main`;
    const waiting = AbortSignal.any([signal, drained.signal]);
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
    return decodePage(answer.body, sessionId, this.#options.clock.epochMs());
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  #fault(
    endpoint: RequestReport["endpoint"],
    method: string,
    path: string,
    answer: Answer,
  ): Error {
    const address = this.#withoutToken(`${method} ${this.#baseUrl}${path}`);
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
    try {
      const response = await request(`${this.#baseUrl}${path}`, {
        dispatcher: this.#agent,
        method,
        headers: this.#headers(body !== null),
        body,
        signal: AbortSignal.any([signal, late.signal]),
      });
      const answer = await readAnswer(response);
      status = answer.status;
      throttled = isThrottling(answer);
      const waitMs = retryAfterMs(answer.retryAfter, clock.epochMs());
      if (throttled || (status >= 500 && waitMs !== null))
        limiter.throttled(startedMs, waitMs);
      else if (status < 300) limiter.succeeded();
      return answer;
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof UnavailableFault) throw cause;
      throw new UnavailableFault(
        this.#withoutToken(
          `${method} ${this.#baseUrl}${path} got no whole answer: ${reasonOf(cause, requestTimeoutMs)}`,
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
    return withoutSecrets(text, [this.#options.accessToken]);
  }
}

async function readAnswer(response: Dispatcher.ResponseData): Promise<Answer> {
  const { statusCode: status } = response;
  return {
    status,
    retryAfter: headerOf(response, "retry-after"),
    location: headerOf(response, "location"),
    body: await decodedBody(response).catch((error: unknown) => {
      // What an error says besides its status is a help, and may be missing.
      if (status >= 300) return Buffer.alloc(0);
      throw error;
    }),
  };
}

async function decodedBody(response: Dispatcher.ResponseData): Promise<Buffer> {
  const raw = await readBody(response.body);
  const encoding = headerOf(response, "content-encoding")?.toLowerCase();
  const isZipped = encoding === "gzip" || encoding === "x-gzip";
  // A page takes a third of a millisecond; handing it to another thread takes longer.
  return isZipped && raw.length > 0
    ? gunzipSync(raw, {
        maxOutputLength: LARGEST_BODY_BYTES,
        chunkSize: unzippedBytes(raw),
      })
    : raw;
}

/**
 * What gzip says at its end of the size unzipped, within bounds: with room for all of it at once,
 * nothing is copied together, which saves a third of the time. A false size costs only that.
 */
function unzippedBytes(zipped: Buffer): number {
  const said = zipped.length < 4 ? 0 : zipped.readUInt32LE(zipped.length - 4);
  return Math.min(Math.max(said + 1, 16_384), 1_048_576);
}

async function readBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES)
      throw new UnavailableFault(
        `Sell's answer is larger than ${LARGEST_BODY_BYTES} bytes`,
      );
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined
    ? only
    : Buffer.concat(chunks, bytes);
}

function headerOf(
  response: Dispatcher.ResponseData,
  name: string,
): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function reasonOf(cause: unknown, requestTimeoutMs: number): string {
  return cause instanceof Error && cause.name === "TimeoutError"
    ? `nothing within ${requestTimeoutMs} ms (sell.requestTimeoutMs)`
    : wordsOf(cause);
}
