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
import { Connections } from "./connections.ts";
import { EventStream } from "./event-stream.ts";
import { isLoopback, isOwnHost, targetOf } from "./host-check.ts";
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

/** A burst that overflows the kernel's queue makes a probe wait a second for its next attempt. */
const BACKLOG = 4_096;
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
  readonly #host: string;
  #isLoopback = false;
  readonly #connections = new Connections();
  readonly #events = new EventStream();
  readonly #routes: ReadonlyMap<string, Answer>;
  readonly #connectorPage = pageFiles("status");
  readonly #connector: (name: string) => Served | null;

  private constructor(options: HttpServerOptions) {
    const { status, metrics, page = "status" } = options;
    this.#host = options.host;
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
        headersTimeout: 3_000,
        requestTimeout: 6_000,
        keepAliveTimeout: 5_000,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    this.#server.on("connection", (socket) => {
      this.#connections.opened(socket);
    });
  }

  /** Rejects with an error that says what to do when the address can't be used. */
  static async start(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    const { host, port } = options;
    try {
      // Node.js takes IPv6 addresses without brackets only.
      const bare = host.replace(/^\[(.*)\]$/, "$1");
      server.#server.listen({ port, host: bare, backlog: BACKLOG });
      await once(server.#server, "listening");
    } catch (cause) {
      throw new Error(refusal(cause, host, port), { cause });
    }
    const { address } = server.#server.address() as AddressInfo;
    server.#isLoopback = isLoopback(address);
    return server;
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
  }

  /** Whether only this machine can reach it. */
  get isLoopback(): boolean {
    return this.#isLoopback;
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
    if (!this.#connections.requested(request.socket, response)) return;
    // What a client sends is of no interest.
    request.resume();
    const { method, url = "/", headers } = request;
    const { authority, path } = targetOf(url);
    const answer = this.#routes.get(path) ?? this.#ofConnector(path);
    if (this.#isForeign(headers.host) || this.#isForeign(authority)) {
      sendJson(response, 421, { error: FOREIGN_HOST });
    } else if (method !== "GET" && method !== "HEAD") {
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

  /** Only clients that know nothing of hosts (HTTP/1.0) send none. */
  #isForeign(host: string | undefined): boolean {
    return (
      host !== undefined && this.#isLoopback && !isOwnHost(host, this.#host)
    );
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
    else {
      this.#connections.streams(request.socket);
      this.#events.add(response, state);
    }
  }
}

const FOREIGN_HOST =
  "this server listens at a loopback address, and answers only when asked for as localhost or by such an address; a proxy has to send that as the Host header";

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
