import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface RegistryFront extends AsyncDisposable {
  readonly url: string;
}

/** A registry behind TLS with client certificates and HTTP basic authentication. */
export async function startRegistryFront(
  target: string,
  options: ServerOptions,
  user: { readonly name: string; readonly password: string },
): Promise<RegistryFront> {
  const expected = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`;
  const server = createServer(
    { ...options, requestCert: true, rejectUnauthorized: true },
    (incoming, response) => {
      const { url = "/", method, headers } = incoming;
      if (headers.authorization !== expected) {
        response.writeHead(401).end();
        return;
      }
      const outgoing = httpRequest(target + url, { method, headers });
      outgoing.removeHeader("authorization");
      outgoing.setHeader("host", new URL(target).host);
      outgoing.on("error", () => response.destroy());
      outgoing.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(outgoing);
    },
  );
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
