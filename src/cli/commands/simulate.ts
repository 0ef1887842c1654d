import { once } from "node:events";
import type { Faults } from "../../simulator/faults.ts";
import { Simulator } from "../../simulator/server.ts";
import { print, UsageError, type Context } from "../context.ts";

export interface SimulateFlags {
  readonly port: number;
  readonly records: number;
  readonly seed: number;
  readonly latencyMs: number;
  readonly rateLimit?: number;
  readonly pageSize: number;
  readonly changesPerSecond: number;
  readonly faults?: Faults;
  readonly json?: boolean;
}

/** Serves the simulated Sync API until the first signal. */
export async function simulate(
  flags: SimulateFlags,
  { stdout, stopping }: Context,
): Promise<number> {
  await using simulator = await started(flags);
  await print(
    stdout,
    `${flags.json ? asJson(simulator, flags) : inWords(simulator, flags)}\n`,
  );
  if (!stopping.aborted) await once(stopping, "abort");
  return 0;
}

function inWords({ url }: Simulator, { records, seed }: SimulateFlags): string {
  return [
    `Sell simulator at ${url} with ${records} records (seed ${seed})`,
    `  counts     ${url}/_simulator/state`,
    `  connector  "sell": {"baseUrl": "${url}", "accessToken": any 64 characters}`,
    "  end it with Ctrl-C",
  ].join("\n");
}

function asJson({ url }: Simulator, { records, seed }: SimulateFlags): string {
  const state = `${url}/_simulator/state`;
  return JSON.stringify({ url, state, records, seed });
}

async function started(flags: SimulateFlags): Promise<Simulator> {
  try {
    return await Simulator.start({
      ...flags,
      rateLimit: flags.rateLimit ?? null,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE")
      throw new UsageError(
        `port ${flags.port} is taken; choose another with --port, or 0 for any`,
      );
    throw error;
  }
}
