import type { ServerResponse } from "node:http";
import { securityHeaders } from "./answers.ts";

const MOST_CLIENTS = 20;
const EVERY_MS = 1_000;
/** A client that has not read so much is left out until it has; after that long, it is cut off. */
const MOST_UNREAD_BYTES = 256 * 1024;
const SLOW_FOR_MS = 30_000;

/** Makes one line of text; null once there is nothing more to tell. */
type State = () => string | null;

interface Client {
  readonly response: ServerResponse;
  readonly state: State;
  slowSinceMs: number | null;
}

/**
 * Sends the newest state to pages, once a second while there are any (server-sent events, HTML
 * standard 9.2). Slow clients miss states; they never make the process hold more of them.
 */
export class EventStream implements Disposable {
  readonly #clients = new Set<Client>();
  #ticker: NodeJS.Timeout | null = null;

  get isFull(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /** Serves the client until it leaves, or is too slow. */
  add(response: ServerResponse, state: State): void {
    response.writeHead(200, {
      ...securityHeaders,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // A buffering proxy would hold the events back.
      "x-accel-buffering": "no",
    });
    const client = { response, state, slowSinceMs: null };
    this.#clients.add(client);
    response.on("close", () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stop();
    });
    response.write("retry: 2000\n\n");
    tell(response, state());
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
        tell(client.response, text);
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

function tell(response: ServerResponse, text: string | null): void {
  if (text === null) response.destroy();
  else response.write(`data: ${text}\n\n`);
}
