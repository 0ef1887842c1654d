import { once } from "node:events";
import {
  InvalidArgumentError,
  type Command,
} from "@commander-js/extra-typings";
import { UsageError } from "../../app/usage-error.ts";
import {
  faultNames,
  parseFaults,
  type Faults,
} from "../../simulator/faults.ts";
import type { Simulator } from "../../simulator/server.ts";
import type { FlagsOf } from "../options.ts";
import { numberParser } from "../parse-number.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("simulate")).action((flags) =>
    execute(() => simulate(flags, context)),
  );
};

const withOptions = (command: Command) =>
  command
    .description("serve a stand-in for Sell's Sync API, for trials and tests")
    .option(
      "--port <port>",
      "port on 127.0.0.1; 0 picks a free one",
      numberParser({ least: 0, most: 65_535, whole: true }),
      8081,
    )
    .option(
      "--records <n>",
      "records in the account",
      numberParser({ least: 0, most: 10_000_000, whole: true }),
      1_000,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      numberParser({ least: 0, most: 9_999_999_999_999, whole: true }),
      1,
    )
    .option(
      "--latency-ms <ms>",
      "milliseconds before each answer",
      numberParser({ least: 0, most: 3_600_000 }),
      0,
    )
    .option(
      "--rate-limit <rps>",
      "requests per second and token before it answers 429",
      numberParser({ above: 0, most: 1_000_000 }),
    )
    .option(
      "--page-size <n>",
      "items of a page",
      numberParser({ least: 1, most: 100_000, whole: true }),
      100,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      numberParser({ least: 0, most: 10_000 }),
      0,
    )
    .option(
      "--faults <list>",
      `faults to make, each with an optional =probability: ${faultNames.join(", ")}`,
      faultsParser,
    )
    .option("--json", "print its address and account as JSON, once it listens");

type SimulateFlags = FlagsOf<typeof withOptions>;

function faultsParser(list: string): Faults {
  try {
    return parseFaults(list);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "");
  }
}

/** Serves the simulated Sync API until the first signal. */
async function simulate(
  flags: SimulateFlags,
  { stdout, stopping }: ProcessContext,
): Promise<number> {
  await using simulator = await startSimulator(flags);
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

async function startSimulator(flags: SimulateFlags): Promise<Simulator> {
  const { Simulator } = await import("../../simulator/server.ts");
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
