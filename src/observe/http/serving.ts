import type { Logger } from "pino";
import type { HttpServer } from "./http-server.ts";

/** Tells where a server listens, and that others than this machine may reach it. */
export function tellServing(
  { url, isLoopback }: Pick<HttpServer, "url" | "isLoopback">,
  logger: Logger,
): void {
  logger.info({ url }, "serving metrics, probes and status page");
  if (!isLoopback)
    logger.warn(
      { url },
      "listening for more than this machine, and there is no login: whoever reaches this address can read metrics and status",
    );
}
