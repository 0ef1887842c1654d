import type { ServerOptions } from "node:https";
import { forward, serving, type LocalServer } from "./local-server.ts";

/** A registry behind TLS with client certificates and HTTP basic authentication. */
export async function startRegistryFront(
  target: string,
  options: ServerOptions,
  user: { readonly name: string; readonly password: string },
): Promise<LocalServer> {
  const login = Buffer.from(`${user.name}:${user.password}`);
  const expected = `Basic ${login.toString("base64")}`;
  return await serving(
    (request, response, body) => {
      const { authorization, ...headers } = request.headers;
      if (authorization !== expected) response.writeHead(401).end();
      else {
        request.headers = { ...headers, host: new URL(target).host };
        forward(target, request, response, body);
      }
    },
    { ...options, requestCert: true, rejectUnauthorized: true },
  );
}
