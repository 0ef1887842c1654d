import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  createServer as createTlsServer,
  type ServerOptions,
} from "node:https";
import type { AddressInfo } from "node:net";

/** Answers a request that came whole. */
export type Serve = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => unknown;

/** An HTTP server on a free port of this machine; closing it cuts its connections. */
export abstract class LocalServer implements AsyncDisposable {
  readonly #server;
  readonly #scheme: string;

  /** With TLS options, it speaks HTTPS. */
  constructor(tls: ServerOptions | null = null) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      response.on("error", () => undefined);
      bodyOf(request)
        .then((body) => this.serve(request, response, body))
        .catch(() => response.destroy());
    };
    this.#scheme = tls === null ? "http" : "https";
    this.#server =
      tls === null ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on("tlsClientError", () => undefined);
  }

  /** The host and the port. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.#scheme}://${this.host}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  protected async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  protected abstract serve(...request: Parameters<Serve>): unknown;
}

/** Starts a server whose every answer is up to `serve`. */
export async function serving(
  serve: Serve,
  tls: ServerOptions | null = null,
): Promise<LocalServer> {
  return await ServingServer.start(serve, tls);
}

class ServingServer extends LocalServer {
  readonly #serve: Serve;

  private constructor(serve: Serve, tls: ServerOptions | null) {
    super(tls);
    this.#serve = serve;
  }

  static async start(serve: Serve, tls: ServerOptions | null) {
    const server = new ServingServer(serve, tls);
    await server.listen();
    return server;
  }

  protected override serve(...request: Parameters<Serve>): unknown {
    return this.#serve(...request);
  }
}

export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes a request on to another server, and its answer back. */
export function forward(
  target: string,
  { method, url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): void {
  const outgoing = httpRequest(target + url, { method, headers });
  outgoing.on("error", () => response.destroy());
  // A client that has gone never saw the answer: its connection must not serve another.
  response.on("close", () => outgoing.destroy());
  outgoing.on("response", (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.pipe(response);
    incoming.on("error", () => response.destroy());
    incoming.on("aborted", () => response.destroy());
  });
  outgoing.end(body);
}

/** Sends bytes until the other side ends the connection; returns how many were taken so far. */
export function endlessly(response: ServerResponse, start = ""): () => number {
  const piece = Buffer.alloc(64 * 1024, "x");
  let sent = 0;
  const send = (): void => {
    while (!response.destroyed) {
      sent += piece.length;
      if (!response.write(piece)) {
        response.once("drain", send);
        return;
      }
    }
  };
  response.writeHead(200, { "content-type": "application/json" });
  response.write(start);
  send();
  return () => sent;
}
