import type { Clock } from "../lib/clock.ts";
import { TypeFault } from "../domain/faults.ts";
import type { Observer, Server } from "../domain/observer.ts";

export interface ConnectivityCheckOptions {
  /** A request to each server; rejects when the server is away, and with a TypeFault when it refuses. */
  readonly servers: Readonly<
    Partial<Record<Server, (signal: AbortSignal) => Promise<unknown>>>
  >;
  readonly clock: Clock;
  readonly observer: Pick<Observer, "reached" | "notReached">;
  readonly everyMs: number;
}

/**
 * Sends each server a request at an interval, and reports whether it was reached: while Sell has
 * nothing new, no other request is made. Ends with the signal.
 */
export async function checkConnectivity(
  options: ConnectivityCheckOptions,
  signal: AbortSignal,
): Promise<void> {
  const { servers, clock, everyMs } = options;
  while (!signal.aborted) {
    for (const server of Object.keys(servers) as Server[])
      await check(options, server, signal);
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function check(
  { servers, observer, everyMs }: ConnectivityCheckOptions,
  server: Server,
  signal: AbortSignal,
): Promise<void> {
  try {
    await servers[server]?.(signal);
  } catch (error) {
    if (signal.aborted) return;
    // A server that refuses the request was reached.
    if (!(error instanceof TypeFault)) {
      observer.notReached(server, error, everyMs);
      return;
    }
  }
  observer.reached(server);
}
