import { InvalidArgumentError } from "commander";
import {
  faultNames,
  parseFaults,
  type Faults,
} from "../../simulator/faults.ts";
import { number } from "../numbers.ts";
import type { SimulateFlags } from "../commands/simulate.ts";
import type { Definition } from "./definition.ts";

export const defineSimulate: Definition = (program, context, carryOut) => {
  program
    .command("simulate")
    .description("serve a stand-in for Sell's Sync API, for trials and tests")
    .option(
      "--port <port>",
      "port on 127.0.0.1; 0 picks a free one",
      number({ least: 0, most: 65_535, whole: true }),
      8081,
    )
    .option(
      "--records <n>",
      "records in the account",
      number({ least: 0, most: 10_000_000, whole: true }),
      1_000,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      number({ least: 0, most: 9_999_999_999_999, whole: true }),
      1,
    )
    .option(
      "--latency-ms <ms>",
      "milliseconds before each answer",
      number({ least: 0, most: 3_600_000 }),
      0,
    )
    .option(
      "--rate-limit <rps>",
      "requests per second and token before it answers 429",
      number({ above: 0, most: 1_000_000 }),
    )
    .option(
      "--page-size <n>",
      "items of a page",
      number({ least: 1, most: 100_000, whole: true }),
      100,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      number({ least: 0, most: 10_000 }),
      0,
    )
    .option(
      "--faults <list>",
      `faults to make, each with an optional =probability: ${faultNames.join(", ")}`,
      faults,
    )
    .option("--json", "print its address and account as JSON, once it listens")
    .action((flags: SimulateFlags) =>
      carryOut(async () =>
        (await import("../commands/simulate.ts")).simulate(flags, context),
      ),
    );
};

function faults(list: string): Faults {
  try {
    return parseFaults(list);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "");
  }
}
