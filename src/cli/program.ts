import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import { ConfigError } from "../config/problem.ts";
import { faultNames, parseFaults, type Faults } from "../simulator/faults.ts";
import { version } from "../version.ts";
import { UsageError, type Context } from "./context.ts";
import type { DemoFlags } from "./demo.ts";
import type { DrainFlags } from "./drains.ts";
import { number } from "./numbers.ts";
import type { SimulateFlags } from "./simulate.ts";
import type { SchemasFlags } from "./schemas.ts";
import {
  stdoutOption,
  withConfig,
  withLogLevel,
  type CommonFlags,
} from "./options.ts";

/** Runs the command line; resolves to the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(context: Context): Promise<number> {
  let exitCode = 0;
  const program = programOf(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...context.args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isWrongUse =
      error instanceof ConfigError || error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    const stack =
      error instanceof Error && !isWrongUse ? causeOf(error.cause) : "";
    context.stderr.write(`sell-kafka: ${message}${stack}\n`);
    return isWrongUse ? 2 : 1;
  }
}

function causeOf(cause: unknown): string {
  return cause instanceof Error ? `\n  because: ${cause.message}` : "";
}

function programOf(
  context: Context,
  ended: (exitCode: number) => void,
): Command {
  const program = new Command("sell-kafka")
    .description(
      "Streams Zendesk Sell changes into Apache Kafka, and acknowledges a change to Sell only once Kafka has confirmed it.",
    )
    .version(version, "--version", "print the version")
    .helpOption("--help", "show this help")
    .helpCommand(false)
    .showHelpAfterError("(sell-kafka --help shows what there is)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });

  withConfig(
    program
      .command("run")
      .description("drain Sell, wait sell.pollIntervalMs, and drain it again")
      .addOption(stdoutOption),
  ).action(async (flags: DrainFlags) => {
    const { run } = await import("./run.ts");
    ended(await run(flags, context));
  });

  withConfig(
    program
      .command("sync")
      .description("drain Sell once and completely, then print a summary")
      .addOption(stdoutOption),
  ).action(async (flags: DrainFlags) => {
    const { sync } = await import("./sync.ts");
    ended(await sync(flags, context));
  });

  withConfig(
    program
      .command("check")
      .description(
        "look whether Sell, Kafka, topics and registry are as a run needs them; changes nothing",
      ),
  ).action(async (flags: CommonFlags) => {
    const { check } = await import("./check.ts");
    ended(await check(flags, context));
  });

  program
    .command("schemas")
    .description(
      "list the Avro schemas, print those of some types, or register them",
    )
    .argument("[types...]", "resource types, such as contact")
    .option(
      "--config <file>",
      "configuration file: its envelope, topics and registry",
    )
    .addOption(
      new Option(
        "--envelope <name>",
        "the envelope that the schemas are for",
      ).choices(["change", "flat", "cloudevents"]),
    )
    .option("--register", "register them with the configuration's registry")
    .option("--json", "print the result as JSON on standard output")
    .action(async (types: string[], flags: SchemasFlags) => {
      const { schemas } = await import("./schemas.ts");
      ended(await schemas(types, flags, context));
    });

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
      number({ least: 0, whole: true }),
      1,
    )
    .option(
      "--latency-ms <ms>",
      "milliseconds before each answer",
      number({ least: 0 }),
      0,
    )
    .option(
      "--rate-limit <rps>",
      "requests per second and token before it answers 429",
      number({ above: 0 }),
    )
    .option(
      "--page-size <n>",
      "items of a page",
      number({ least: 1, whole: true }),
      100,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      number({ least: 0 }),
      0,
    )
    .option(
      "--faults <list>",
      `faults to make, each with an optional =probability: ${faultNames.join(", ")}`,
      faults,
    )
    .action(async (flags: SimulateFlags) => {
      const { simulate } = await import("./simulate.ts");
      ended(await simulate(flags, context));
    });

  withLogLevel(program.command("demo"))
    .description(
      "try it out: a simulated Sell, a real Kafka on this machine, and the connector between them",
    )
    .option(
      "--for <seconds>",
      "end after that many seconds; without it, with Ctrl-C",
      number({ above: 0 }),
    )
    .option(
      "--records <n>",
      "records in the simulated account",
      number({ least: 30, most: 1_000_000, whole: true }),
      1_000,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      number({ least: 0 }),
      5,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      number({ least: 0, whole: true }),
      1,
    )
    .action(async (flags: DemoFlags) => {
      const { demo } = await import("./demo.ts");
      ended(await demo(flags, context));
    });
  return program;
}

function faults(list: string): Faults {
  try {
    return parseFaults(list);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "");
  }
}
