import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { bodyOf, forward } from "./local-server.ts";

export interface HttpProxy extends AsyncDisposable {
  readonly address: string;
  /** What came through, in order: `CONNECT host:port`, or the method and the whole address. */
  readonly seen: string[];
}

/** A proxy that tunnels, and forwards plain requests. `login` is written as in an address; with `status` it refuses everything. */
export async function startHttpProxy({
  login,
  status,
}: { login?: string; status?: number } = {}): Promise<HttpProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const expected =
    login &&
    `Basic ${Buffer.from(decodeURIComponent(login)).toString("base64")}`;
  const refusalOf = (given: string | undefined) =>
    status ?? (expected !== undefined && given !== expected ? 407 : null);
  const server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    seen.push(`${method} ${url}`);
    const refusal = refusalOf(headers["proxy-authorization"]);
    if (refusal !== null) {
      response.writeHead(refusal).end();
      return;
    }
    // The address of a request to a proxy is whole.
    bodyOf(incoming)
      .then((body) => {
        forward("", incoming, response, body);
      })
      .catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("connect", ({ url = "", headers }, socket) => {
    seen.push(`CONNECT ${url}`);
    const refusal = refusalOf(headers["proxy-authorization"]);
    if (refusal !== null) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = url.split(":");
    const other = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      socket.pipe(other).pipe(socket);
    });
    sockets.add(other);
    other.on("error", () => socket.destroy());
    socket.on("close", () => other.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${login === undefined ? "" : `${login}@`}127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
