import type { DemoFlags } from "../commands/demo.ts";
import { number } from "../numbers.ts";
import { withLogLevel } from "../options.ts";
import type { Definition } from "./definition.ts";

export const defineDemo: Definition = (program, context, carryOut) => {
  withLogLevel(program.command("demo"))
    .description(
      "try it out: a simulated Sell, a real Kafka on this machine, and the connector between them",
    )
    .option(
      "--for <seconds>",
      "end after that many seconds; without it, with Ctrl-C",
      number({ above: 0, most: 604_800 }),
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
      number({ least: 0, most: 10_000 }),
      5,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      number({ least: 0, most: 9_999_999_999_999, whole: true }),
      1,
    )
    .option(
      "--json",
      "print the counts at its end as JSON, and not what the consumer reads",
    )
    .action((flags: DemoFlags) =>
      carryOut(async () =>
        (await import("../commands/demo.ts")).demo(flags, context),
      ),
    );
};
