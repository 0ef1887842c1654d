import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface AnsweringServer extends AsyncDisposable {
  readonly url: string;
}

/** A server whose every answer, body and connection is up to `answer`. */
export async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AnsweringServer> {
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    request.resume();
    request.on("end", () => {
      answer(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends bytes until the other side ends the connection; tells how many were taken. */
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
