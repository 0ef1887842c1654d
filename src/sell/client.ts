import { randomUUID } from "node:crypto";
import type { AckKey } from "../domain/change.ts";
import type { Source } from "../domain/ports.ts";
import { SellHttp, type SellHttpOptions, type SellRequest } from "./http.ts";
import { readProbe, type Probe } from "./probe.ts";
import { queueRequest, SellSession } from "./session.ts";
import { decodeSession, type SessionStart } from "./wire.ts";

const START: SellRequest = {
  endpoint: "start",
  method: "POST",
  path: "/v2/sync/start",
};

/** The endpoints of Sell's Sync API v2 (developer.zendesk.com, "Sync API"), one attempt a call. */
export class SellClient implements Source, AsyncDisposable {
  readonly #options: SellHttpOptions;
  readonly #http: SellHttp;

  constructor(options: SellHttpOptions) {
    this.#options = options;
    this.#http = new SellHttp(options);
  }

  /** The proxy in use, to follow Sell's address in a message; empty without one. */
  get via(): string {
    return this.#http.via;
  }

  /** Resolves once polling may take a request of the token's rate. Rejects with the signal's reason. */
  pollTurn(signal: AbortSignal): Promise<void> {
    return this.#options.limiter.polling.turn(signal);
  }

  async open(signal: AbortSignal): Promise<SellSession | null> {
    const answer = await this.#http.send(START, signal);
    if (answer.status === 204) return null;
    if (answer.status !== 201) throw this.#http.fault(START, answer);
    this.#options.limiter.polling.sessionOpened();
    try {
      return this.session(decodeSession(answer.body));
    } catch (error) {
      throw this.#http.unreadable(START, error);
    }
  }

  /** A session that was started before. */
  session(started: SessionStart): SellSession {
    return new SellSession(started, this.#http, this.#options.clock);
  }

  async acknowledge(
    keys: readonly AckKey[],
    signal: AbortSignal,
  ): Promise<void> {
    const request: SellRequest = {
      endpoint: "ack",
      method: "POST",
      path: "/v2/sync/ack",
      body: JSON.stringify({ data: { ack_keys: keys } }),
    };
    const answer = await this.#http.send(request, signal);
    if (answer.status !== 202) throw this.#http.fault(request, answer);
  }

  /** Asks for the queue of a session that does not exist, which takes nothing from any queue; tells who answers. */
  async probe(signal: AbortSignal): Promise<Probe> {
    const request = queueRequest(randomUUID());
    const answer = await this.#http.send(request, signal);
    const { message } = this.#http.fault(request, answer);
    return readProbe(answer, message, this.#http.baseUrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }
}
