import type { ExplainFlags } from "../commands/explain.ts";
import { withConfig } from "../options.ts";
import type { Definition } from "./definition.ts";

export const defineExplain: Definition = (program, context, carryOut) => {
  withConfig(
    program
      .command("explain")
      .description(
        "tell where a record stands now: its newest state in Kafka, and its dead letters",
      )
      .argument("<type>", "Sell's resource type, such as contact")
      .argument("<id>", "the record's id in Sell"),
  )
    .option("--value", "show what the record holds, too")
    .action((type: string, id: string, flags: ExplainFlags) =>
      carryOut(async () =>
        (await import("../commands/explain.ts")).explain(
          type,
          id,
          flags,
          context,
        ),
      ),
    );
};
