import { z } from "zod";
import { systemClock } from "../../lib/clock.ts";
import { Pool } from "../../security/undici-parts.ts";

const ATTEMPTS = 4;
const AGAIN_MS = 250;

const pem = z.union([
  z.string(),
  z.instanceof(Buffer).transform((bytes) => bytes.toString("utf8")),
]);

/** Where a Docker engine listens, as its client's library keeps it. */
export const engineAddress = z.object({
  socketPath: z.string().exactOptional(),
  protocol: z.enum(["http", "https"]),
  host: z.string().exactOptional(),
  port: z.coerce.string().exactOptional(),
  ca: pem.exactOptional(),
  cert: pem.exactOptional(),
  key: pem.exactOptional(),
});
export type EngineAddress = z.infer<typeof engineAddress>;

/** Removes a container with its data, without the engine's client, which takes a second to load. */
export async function removeContainer(
  address: EngineAddress,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { protocol, host = "localhost", port = "", ...connect } = address;
  const pool = new Pool(`${protocol}://${host}:${port}`, { connect });
  // A container that was being created when the program died is there a moment later.
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { statusCode, body } = await pool.request({
      method: "DELETE",
      path: `/containers/${name}?force=true&v=true`,
      signal,
    });
    await body.dump();
    if (statusCode !== 404) return;
    await systemClock.sleep(AGAIN_MS, signal);
  }
}
