import { request } from "undici";

/** Resolves when a registry serves Confluent's API at the address. */
export async function probeRegistry(
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const { statusCode, body } = await request(`${url}/subjects`, { signal });
  await body.dump();
  if (statusCode !== 200) throw new Error(`it answers ${statusCode}`);
}
