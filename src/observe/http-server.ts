import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { EventStream } from "./event-stream.ts";
import { pageFiles } from "./page-files.ts";
import type { Status } from "./status.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly status: () => Status;
  readonly metrics: {
    readonly contentType: string;
    text(): Promise<string>;
  };
}

const MOST_CONNECTIONS = 200;
const JSON_TYPE = "application/json; charset=utf-8";

/** Nothing but what this server itself serves is ever loaded or shown elsewhere. */
const securityHeaders: OutgoingHttpHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/**
 * Probes, metrics and the status page of one connector, to be read only. Its clients can't make
 * the connector wait, nor hold more than a bounded part of its memory.
 */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #events: EventStream;
  readonly #routes: ReadonlyMap<string, Answer>;

  private constructor(options: HttpServerOptions) {
    const { status, metrics } = options;
    this.#events = new EventStream(() => JSON.stringify(status()));
    this.#routes = new Map<string, Answer>([
      ...[...pageFiles()].map(([path, { contentType, body }]) => {
        const answer: Answer = (_, response) => {
          send(response, 200, contentType, body, "no-cache");
        };
        return [path, answer] as const;
      }),
      [
        "/livez",
        (_, response) => {
          sendJson(response, 200, { alive: true });
        },
      ],
      [
        "/readyz",
        (_, response) => {
          const { ready, troubles } = status();
          const reasons = troubles.map((one) => `${one.reason}. ${one.remedy}`);
          sendJson(response, ready ? 200 : 503, { ready, reasons });
        },
      ],
      [
        "/status",
        (_, response) => {
          sendJson(response, 200, status());
        },
      ],
      [
        "/metrics",
        async (_, response) => {
          send(response, 200, metrics.contentType, await metrics.text());
        },
      ],
      [
        "/events",
        (request, response) => {
          this.#subscribe(request, response);
        },
      ],
    ]);
    this.#server = createServer(
      {
        headersTimeout: 5_000,
        requestTimeout: 10_000,
        keepAliveTimeout: 5_000,
        connectionsCheckingInterval: 2_000,
      },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Rejects with an error that says what to do when the address can't be used. */
  static async start(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    const { host, port } = options;
    try {
      server.#server.listen(port, host);
      await once(server.#server, "listening");
    } catch (cause) {
      throw new Error(refusal(cause, host, port), { cause });
    }
    return server;
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
  }

  /** Ends every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#events[Symbol.dispose]();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    // What a client sends is of no interest.
    request.resume();
    const { method, url = "/" } = request;
    const path = url.split("?", 1)[0] ?? "/";
    const answer = this.#routes.get(path);
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendJson(response, 405, { error: "only GET and HEAD are answered" });
    } else if (answer === undefined) {
      sendJson(response, 404, { error: "there is nothing at this path" });
    } else {
      try {
        await answer(request, response);
      } catch {
        response.destroy();
      }
    }
  }

  #subscribe(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === "HEAD")
      send(response, 200, "text/event-stream; charset=utf-8", "");
    else if (this.#events.isFull)
      sendJson(response, 503, { error: "too many pages are open; try later" });
    else this.#events.add(response);
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  send(response, status, JSON_TYPE, `${JSON.stringify(value)}\n`);
}

/** Node.js itself leaves out the body of an answer to HEAD. */
function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  caching = "no-store",
): void {
  response.writeHead(status, {
    ...securityHeaders,
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": caching,
  });
  response.end(body);
}

const noSuchAddress =
  "this machine has no such address; set server.host to one of its own, or to 0.0.0.0 for all";

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "another program does; set server.port to a free port, or to 0 to have one picked",
  EACCES: "it is not allowed to; set server.port to 1024 or above",
  EADDRNOTAVAIL: noSuchAddress,
  ENOTFOUND: noSuchAddress,
};

function refusal(cause: unknown, host: string, port: number): string {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reason =
    refusals[code] ?? `${message}; see server.host and server.port`;
  return `the HTTP server can't listen on ${host}:${port}: ${reason}`;
}
