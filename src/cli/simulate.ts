import { once } from "node:events";
import type { Faults } from "../simulator/faults.ts";
import { Simulator } from "../simulator/server.ts";
import { print, UsageError, type Context } from "./context.ts";

export interface SimulateFlags {
  readonly port: number;
  readonly records: number;
  readonly seed: number;
  readonly latencyMs: number;
  readonly rateLimit?: number;
  readonly pageSize: number;
  readonly changesPerSecond: number;
  readonly faults?: Faults;
}

/** Serves the simulated Sync API until the first signal. */
export async function simulate(
  flags: SimulateFlags,
  { stdout, stopping }: Context,
): Promise<number> {
  await using simulator = await started(flags);
  await print(
    stdout,
    `${[
      `Sell simulator at ${simulator.url} with ${flags.records} records (seed ${flags.seed})`,
      `  counts     ${simulator.url}/_simulator/state`,
      `  connector  "sell": {"baseUrl": "${simulator.url}", "accessToken": any 64 characters}`,
      "  end it with Ctrl-C",
    ].join("\n")}\n`,
  );
  if (!stopping.aborted) await once(stopping, "abort");
  return 0;
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
