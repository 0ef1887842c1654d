import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { Connections } from "./connections.ts";
import { isLoopback, isOwnHost, parseTarget } from "./host-check.ts";
import { sendJson } from "./responses.ts";
import { Routes, type RouteOptions } from "./routes.ts";

export interface HttpServerOptions extends RouteOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

/** When the kernel's queue of new connections is full, a probe waits a second before it tries again. */
const BACKLOG = 4_096;

/**
 * Serves probes, metrics and status pages, for reading only. Clients can neither block the
 * connectors nor make the process hold more than a bounded amount of memory.
 */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #host: string;
  #isLoopback = false;
  readonly #connections = new Connections();
  readonly #routes: Routes;

  private constructor(options: HttpServerOptions) {
    this.#host = options.host;
    this.#routes = new Routes(options, this.#connections);
    this.#server = createServer(
      {
        headersTimeout: 3_000,
        requestTimeout: 6_000,
        keepAliveTimeout: 5_000,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => {
        void this.#handle(request, response);
      },
    );
    this.#server.on("connection", (socket) => {
      this.#connections.opened(socket);
    });
  }

  /** Rejects when the address can't be used, with an error that says what to do. */
  static async start(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    const { host, port } = options;
    try {
      // Node.js accepts IPv6 addresses only without brackets.
      const bare = host.replace(/^\[(.*)\]$/, "$1");
      server.#server.listen({ port, host: bare, backlog: BACKLOG });
      await once(server.#server, "listening");
    } catch (cause) {
      throw new Error(describeListenError(cause, host, port), { cause });
    }
    const { address } = server.#server.address() as AddressInfo;
    server.#isLoopback = isLoopback(address);
    return server;
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
  }

  /** Whether only this machine can reach the server. */
  get isLoopback(): boolean {
    return this.#isLoopback;
  }

  /** Ends every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#routes[Symbol.dispose]();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!this.#connections.requested(request.socket, response)) return;
    // No route reads a request body.
    request.resume();
    const { method, url = "/", headers } = request;
    const { authority, path } = parseTarget(url);
    const handler = this.#routes.find(path);
    if (this.#isForeign(headers.host) || this.#isForeign(authority)) {
      sendJson(response, 421, { error: FOREIGN_HOST });
    } else if (method !== "GET" && method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendJson(response, 405, { error: "only GET and HEAD are answered" });
    } else if (handler === undefined) {
      sendJson(response, 404, { error: "there is nothing at this path" });
    } else {
      try {
        await handler(request, response);
      } catch {
        response.destroy();
      }
    }
  }

  /** A request without a host passes: only HTTP/1.0 clients send none, and no browser is one. */
  #isForeign(host: string | undefined): boolean {
    return (
      host !== undefined && this.#isLoopback && !isOwnHost(host, this.#host)
    );
  }
}

/** Logs the server's address, and a warning when other machines can reach it. */
export function logServing(
  { url, isLoopback }: Pick<HttpServer, "url" | "isLoopback">,
  logger: Logger,
): void {
  logger.info({ url }, "serving metrics, probes and status page");
  if (!isLoopback)
    logger.warn(
      { url },
      "listening for more than this machine, and there is no login: whoever reaches this address can read metrics and status",
    );
}

const FOREIGN_HOST =
  "this server listens at a loopback address, and answers only when asked for as localhost or by such an address; a proxy has to send that as the Host header";

const noSuchAddress =
  "this machine has no such address; set server.host to one of its own, or to 0.0.0.0 for all";

const listenErrors: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "another program does; if that is a sell-kafka of this configuration, stop it first, else set server.port to a free port, or to 0 to have one picked",
  EACCES: "it is not allowed to; set server.port to 1024 or above",
  EADDRNOTAVAIL: noSuchAddress,
  ENOTFOUND: noSuchAddress,
};

function describeListenError(
  cause: unknown,
  host: string,
  port: number,
): string {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reason =
    listenErrors[code] ?? `${message}; see server.host and server.port`;
  return `the HTTP server can't listen on ${host}:${port}: ${reason}`;
}
