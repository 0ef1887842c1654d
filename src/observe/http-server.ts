import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import {
  send,
  sendFile,
  sendJson,
  sendReadiness,
  type Served,
} from "./answers.ts";
import { EventStream } from "./event-stream.ts";
import { pageFiles, type PageName } from "./page-files.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly page?: PageName;
  readonly status: () => Served;
  /** The status of one connector of many, served below `/connectors/<name>/`; null when it does not run here. */
  readonly connector?: (name: string) => Served | null;
  readonly metrics: {
    readonly contentType: string;
    text(): Promise<string>;
  };
}

const MOST_CONNECTIONS = 200;
type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/** Connectors' names need no escaping in a path. */
const CONNECTOR_PATH = /^\/connectors\/([A-Za-z0-9._-]+)\/([a-z.]*)$/;

/**
 * Probes, metrics and status pages, to be read only. Its clients can't make connectors wait,
 * nor hold more than a bounded part of the memory.
 */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #events = new EventStream();
  readonly #routes: ReadonlyMap<string, Answer>;
  readonly #connectorPage = pageFiles("status");
  readonly #connector: (name: string) => Served | null;

  private constructor(options: HttpServerOptions) {
    const { status, metrics, page = "status" } = options;
    this.#connector = options.connector ?? (() => null);
    const state = () => JSON.stringify(status());
    const files = [...pageFiles(page)].map(([name, file]) => {
      const answer: Answer = (_, response) => {
        sendFile(response, file);
      };
      return [`/${name}`, answer] as const;
    });
    this.#routes = new Map<string, Answer>([
      ...files,
      [
        "/livez",
        (_, response) => {
          sendJson(response, 200, { alive: true });
        },
      ],
      [
        "/readyz",
        (_, response) => {
          sendReadiness(response, status());
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
          this.#subscribe(request, response, state);
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
    const answer = this.#routes.get(path) ?? this.#ofConnector(path);
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

  /** How to answer for one connector of many. */
  #ofConnector(path: string): Answer | undefined {
    const [, name = "", rest = ""] = CONNECTOR_PATH.exec(path) ?? [];
    const status = this.#connector(name);
    if (status === null) return undefined;
    const file = this.#connectorPage.get(rest);
    if (file !== undefined)
      return (_, response) => {
        sendFile(response, file);
      };
    switch (rest) {
      case "status":
        return (_, response) => {
          sendJson(response, 200, status);
        };
      case "readyz":
        return (_, response) => {
          sendReadiness(response, status);
        };
      case "events":
        return (request, response) => {
          this.#subscribe(request, response, () => {
            const now = this.#connector(name);
            return now && JSON.stringify(now);
          });
        };
      default:
        return undefined;
    }
  }

  #subscribe(
    request: IncomingMessage,
    response: ServerResponse,
    state: () => string | null,
  ): void {
    if (request.method === "HEAD")
      send(response, 200, "text/event-stream; charset=utf-8", "");
    else if (this.#events.isFull)
      sendJson(response, 503, { error: "too many pages are open; try later" });
    else this.#events.add(response, state);
  }
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
