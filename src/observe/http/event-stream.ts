import type { ServerResponse } from "node:http";
import { securityHeaders } from "./responses.ts";

const MOST_CLIENTS = 20;
const EVERY_MS = 1_000;
/** A client with more unread bytes gets no events until it has read them; after SLOW_FOR_MS it is cut off. */
const MOST_UNREAD_BYTES = 256 * 1024;
const SLOW_FOR_MS = 30_000;

/** Returns the state as one line of text; null ends the stream. */
type State = () => string | null;

interface Client {
  readonly response: ServerResponse;
  readonly state: State;
  slowSinceMs: number | null;
}

/**
 * Sends the newest state to open pages once a second (server-sent events, HTML standard 9.2).
 * A slow client misses states, so that the process never holds more than one for it.
 */
export class EventStream implements Disposable {
  readonly #clients = new Set<Client>();
  #ticker: NodeJS.Timeout | null = null;

  get isFull(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /** Sends events until the client leaves, is too slow, or the state is null. */
  add(response: ServerResponse, state: State): void {
    response.writeHead(200, {
      ...securityHeaders,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // Turns off the buffering of nginx, which would hold the events back.
      "x-accel-buffering": "no",
    });
    const client = { response, state, slowSinceMs: null };
    this.#clients.add(client);
    response.on("close", () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stop();
    });
    response.write("retry: 2000\n\n");
    sendEvent(response, state());
    this.#ticker ??= setInterval(() => {
      this.#tick();
    }, EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    this.#stop();
    for (const { response } of this.#clients) response.destroy();
  }

  #tick(): void {
    const texts = new Map<State, string | null>();
    const nowMs = performance.now();
    for (const client of this.#clients) {
      if (client.response.writableLength <= MOST_UNREAD_BYTES) {
        client.slowSinceMs = null;
        const { state } = client;
        const text = texts.get(state) ?? state();
        texts.set(state, text);
        sendEvent(client.response, text);
      } else {
        client.slowSinceMs ??= nowMs;
        if (nowMs - client.slowSinceMs > SLOW_FOR_MS) client.response.destroy();
      }
    }
  }

  #stop(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
  }
}

function sendEvent(response: ServerResponse, text: string | null): void {
  if (text === null) response.destroy();
  else response.write(`data: ${text}\n\n`);
}
