import { once } from "node:events";
import { resolve } from "node:path";
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
import {
  fieldOddities,
  type FieldOddity,
} from "../../simulator/custom-fields.ts";
import type { Simulator } from "../../simulator/server.ts";
import { shellWord } from "../../lib/text/shell-word.ts";
import { counted } from "../../lib/text/counted.ts";
import { examples } from "../examples.ts";
import { refuseExisting, writeNew } from "../new-file.ts";
import type { FlagsOf } from "../options.ts";
import { numberParser } from "../parse-number.ts";
import { print, type ProcessContext } from "../process-context.ts";
import { STAND_IN_TOKEN } from "../../simulator/endpoint.ts";
import { schemaFor } from "../../config/schema-location.ts";
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
      `faults to make, each with an optional =probability, 0.1 without: ${faultNames.join(", ")}`,
      faultsParser,
    )
    .option(
      "--custom-fields <list>",
      `what is special about custom fields: ${fieldOddities.join(", ")}; the latter two after 10 and 20 seconds`,
      oddityParser,
    )
    .option(
      "--read-token <token>",
      "the only token that may read the definitions of custom fields",
    )
    .option(
      "--write-config <file>",
      "write a configuration with which a connector copies this account to localhost:9092",
    )
    .option("--force", "overwrite the file of --write-config")
    .option("--json", "print its address and account as JSON, once it listens")
    .addHelpText(
      "after",
      examples(
        ["an account that changes", "simulate --changes-per-second 5"],
        [
          "with a configuration for it",
          "simulate --write-config simulated.json",
        ],
        ["a Sell that refuses the token", "simulate --faults 401=1"],
        [
          "a Sell that fails now and then",
          "simulate --faults 429,500=0.05,reset",
        ],
      ),
    );

type SimulateFlags = FlagsOf<typeof withOptions>;

function faultsParser(list: string): Faults {
  try {
    return parseFaults(list);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "");
  }
}

function oddityParser(list: string): readonly FieldOddity[] {
  return list.split(",").map((entry) => {
    const known = fieldOddities.find((one) => one === entry.trim());
    if (known === undefined)
      throw new InvalidArgumentError(
        `there is no "${entry}"; there are ${fieldOddities.join(", ")}`,
      );
    return known;
  });
}

/** Serves the simulated Sync API until the first signal. */
async function simulate(
  flags: SimulateFlags,
  { command, stdout, stopping }: ProcessContext,
): Promise<number> {
  const { writeConfig: file, force = false } = flags;
  if (force && file === undefined)
    throw new UsageError("--force says nothing without --write-config");
  if (file !== undefined) refuseExisting(file, force);
  await using simulator = await startSimulator(flags);
  const config = trialConfig(simulator.url);
  if (file !== undefined)
    await writeNew(file, `${config.indented(file)}\n`, force);
  const line =
    file === undefined
      ? `echo ${shellWord(config.inOneLine)} | ${command} sync --stdout --config /dev/stdin`
      : `${command} sync --stdout --config ${shellWord(resolve(file))}`;
  const text = flags.json
    ? asJson(simulator, flags, line)
    : inWords(simulator, flags, line);
  await print(stdout, `${text}\n`);
  if (!stopping.aborted) await once(stopping, "abort");
  return 0;
}

/** A configuration that needs nothing besides; the simulator takes every token. */
function trialConfig(baseUrl: string) {
  const config = {
    name: "simulated",
    sell: { baseUrl, accessToken: STAND_IN_TOKEN },
    kafka: { brokers: ["localhost:9092"] },
  };
  return {
    inOneLine: JSON.stringify(config),
    indented: (file: string) =>
      JSON.stringify({ $schema: schemaFor(file), ...config }, null, 2),
  };
}

function inWords(
  { url }: Simulator,
  { records, seed, writeConfig }: SimulateFlags,
  line: string,
): string {
  return [
    `Sell simulator at ${url} with ${counted(records, "record")} (seed ${seed})`,
    `  counts  ${url}/_simulator/state`,
    ...(writeConfig === undefined
      ? []
      : [`  wrote   ${writeConfig}, whose Kafka is localhost:9092`]),
    "  end it with Ctrl-C; paste this into another terminal to see the records:",
    "",
    line,
    "",
  ].join("\n");
}

function asJson(
  { url }: Simulator,
  { records, seed, writeConfig }: SimulateFlags,
  command: string,
): string {
  const state = `${url}/_simulator/state`;
  const config = writeConfig ?? null;
  return JSON.stringify({ url, state, records, seed, config, command });
}

async function startSimulator(flags: SimulateFlags): Promise<Simulator> {
  const { Simulator } = await import("../../simulator/server.ts");
  try {
    return await Simulator.start({
      ...flags,
      rateLimit: flags.rateLimit ?? null,
      customFields: flags.customFields ?? [],
      readToken: flags.readToken ?? null,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE")
      throw new UsageError(
        `port ${flags.port} is taken; choose another with --port, or 0 for any`,
      );
    throw error;
  }
}
