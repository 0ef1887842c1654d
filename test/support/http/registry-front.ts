import type { ServerOptions } from "node:https";
import { forward, serving, type LocalServer } from "./local-server.ts";

const SCHEMA_CLUSTER = "lsrc-2342";

/** A registry behind TLS with client certificates, and HTTP basic authentication or a bearer token. */
export async function startRegistryFront(
  target: string,
  options: ServerOptions,
  user: { readonly name: string; readonly password: string },
  /** The tokens that it takes, with the header that names its cluster. */
  tokens: readonly string[],
): Promise<LocalServer> {
  const login = Buffer.from(`${user.name}:${user.password}`);
  const expected = `Basic ${login.toString("base64")}`;
  return await serving(
    (request, response, body) => {
      const { authorization = "", ...headers } = request.headers;
      const isBearer =
        headers["target-sr-cluster"] === SCHEMA_CLUSTER &&
        tokens.some((token) => authorization === `Bearer ${token}`);
      if (authorization !== expected && !isBearer)
        response.writeHead(401).end();
      else {
        request.headers = { ...headers, host: new URL(target).host };
        forward(target, request, response, body);
      }
    },
    { ...options, requestCert: true, rejectUnauthorized: true },
  );
}
