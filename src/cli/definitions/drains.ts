import { Option } from "commander";
import type { DrainFlags } from "../drains.ts";
import { withConfig } from "../options.ts";
import type { Definition } from "./definition.ts";

const stdoutOption = new Option(
  "--stdout",
  "print each event as a line of JSON in place of sending it to Kafka; acknowledge nothing",
);

export const defineDrains: Definition = (program, context, carryOut) => {
  withConfig(
    program
      .command("run")
      .description("drain Sell, wait sell.pollIntervalMs, and drain it again")
      .addOption(stdoutOption),
  ).action((flags: DrainFlags) =>
    carryOut(async () =>
      (await import("../commands/run.ts")).run(flags, context),
    ),
  );

  withConfig(
    program
      .command("sync")
      .description("drain Sell once and completely, then print a summary")
      .addOption(stdoutOption),
  ).action((flags: DrainFlags) =>
    carryOut(async () =>
      (await import("../commands/sync.ts")).sync(flags, context),
    ),
  );
};
