import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import type { Observer } from "../domain/observer.ts";
import { HttpServer } from "./http/http-server.ts";
import { tellServing } from "./http/serving.ts";
import { watch, type WatchOptions } from "./watch.ts";

export interface MonitorOptions extends Omit<WatchOptions, "isOneOfMany"> {
  readonly address: NonNullable<Config["server"]>;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** What an operator sees of a connector over HTTP, and the observers that feed it. */
export interface Monitor extends AsyncDisposable {
  readonly observers: readonly Partial<Observer>[];
  /** Null when nothing is served. */
  readonly url: string | null;
}

/** Serves from now on, before anything else is reached. Rejects when the address can't be used. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { address, logger, stopping } = options;
  const { observers, ...watched } = watch({ ...options, isOneOfMany: false });
  const { metrics, status } = watched;
  const server = await HttpServer.start({ ...address, metrics, status });
  tellServing(server, logger);
  stopping.addEventListener("abort", watched.stopping);
  return {
    observers,
    url: server.url,
    async [Symbol.asyncDispose]() {
      stopping.removeEventListener("abort", watched.stopping);
      await server[Symbol.asyncDispose]();
    },
  };
}
