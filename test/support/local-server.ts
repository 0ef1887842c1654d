import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on a free port of this machine; closing it cuts its connections. */
export abstract class LocalServer implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    bodyOf(request)
      .then((body) => this.serve(request, response, body))
      .catch(() => response.destroy());
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  protected async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Answers a request that came whole. */
  protected abstract serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void | Promise<void>;
}

export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
