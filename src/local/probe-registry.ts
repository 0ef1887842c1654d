import { noProxies, routeTo } from "../security/proxies.ts";

const CONNECT_WITHIN_MS = 10_000;

/** Resolves when a registry serves Confluent's API at the address. */
export async function probeRegistry(
  url: string,
  signal: AbortSignal,
): Promise<void> {
  await using route = routeTo(url, noProxies, {
    secured: { rejectUnauthorized: true },
    connectTimeout: CONNECT_WITHIN_MS,
  });
  const { statusCode, body } = await route.request(`${url}/subjects`, {
    method: "GET",
    headers: {},
    body: null,
    signal,
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`it answers ${statusCode}`);
}
