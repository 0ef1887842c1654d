import { withConfig, type CommonFlags } from "../options.ts";
import type { Definition } from "./definition.ts";

export const defineCheck: Definition = (program, context, carryOut) => {
  withConfig(
    program
      .command("check")
      .description(
        "look whether Sell, Kafka, topics and registry are as a run needs them; of each connector when --config is a folder; changes nothing",
      ),
  ).action((flags: CommonFlags) =>
    carryOut(async () =>
      (await import("../commands/check.ts")).check(flags, context),
    ),
  );
};
