import type { AuditFlags } from "../commands/audit.ts";
import { number } from "../numbers.ts";
import { withConfig } from "../options.ts";
import type { Definition } from "./definition.ts";

export const defineAudit: Definition = (program, context, carryOut) => {
  withConfig(
    program
      .command("audit")
      .description(
        "compare what Kafka holds with what Sell holds, record by record; changes nothing",
      ),
  )
    .option(
      "--requests-per-second <n>",
      "ceiling for requests to Sell; a quarter of sell.requestsPerSecond without it, as a connector may run beside it",
      number({ above: 0, most: 1_000_000 }),
    )
    .option(
      "--allow-dead-letters",
      "end with 0 also when records are missing that are dead letters",
    )
    .action((flags: AuditFlags) =>
      carryOut(async () =>
        (await import("../commands/audit.ts")).audit(flags, context),
      ),
    );
};
