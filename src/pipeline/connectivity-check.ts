import type { Clock } from "../lib/clock.ts";
import { TypeFault } from "../domain/faults.ts";
import type { Observer, Server } from "../domain/observer.ts";

export interface ConnectivityCheckOptions {
  /** How to ask each server whether it is there; rejects when it is not, or refuses with a TypeFault. */
  readonly servers: Readonly<
    Partial<Record<Server, (signal: AbortSignal) => Promise<unknown>>>
  >;
  readonly clock: Clock;
  readonly observer: Pick<Observer, "reached" | "notReached">;
  readonly everyMs: number;
}

/**
 * Asks servers now and then whether they are there: while Sell has nothing new, nothing else
 * would tell. Ends with the signal.
 */
export async function checkConnectivity(
  options: ConnectivityCheckOptions,
  signal: AbortSignal,
): Promise<void> {
  const { servers, clock, everyMs } = options;
  while (!signal.aborted) {
    for (const server of Object.keys(servers) as Server[])
      await ask(options, server, signal);
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function ask(
  { servers, observer }: ConnectivityCheckOptions,
  server: Server,
  signal: AbortSignal,
): Promise<void> {
  try {
    await servers[server]?.(signal);
  } catch (error) {
    if (signal.aborted) return;
    // One that refuses is there.
    if (!(error instanceof TypeFault)) {
      observer.notReached(server, error);
      return;
    }
  }
  observer.reached(server);
}
