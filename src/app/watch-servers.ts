import type { Observer } from "../domain/observer.ts";
import { checkConnectivity } from "../pipeline/connectivity-check.ts";
import { needsRegistry } from "../format/value-formats.ts";
import type { AppContext } from "./context/app-context.ts";

/** How often the servers are asked whether they are there, so that a health probe gets a recent answer. */
const HEARTBEAT_MS = 10_000;

/** Asks the servers now and then whether they are there, until the signal. */
export async function watchServers(
  { config, registry, cluster, clock }: AppContext,
  observer: Observer,
  signal: AbortSignal,
): Promise<void> {
  const hasRegistry = needsRegistry(config.format.value) && registry !== null;
  const servers = {
    kafka: (asking: AbortSignal) => cluster.id.get(asking),
    ...(hasRegistry && {
      registry: (asking: AbortSignal) => registry.subjects(asking),
    }),
  };
  await checkConnectivity(
    { servers, clock, observer, everyMs: HEARTBEAT_MS },
    signal,
  );
}
