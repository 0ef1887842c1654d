import { Option } from "commander";
import type { DeadLetterFlags } from "../commands/dead-letters.ts";
import { withConfig } from "../options.ts";
import type { ReplayFlags } from "../commands/replay.ts";
import type { Definition } from "./definition.ts";

export const defineDeadLetters: Definition = (program, context, carryOut) => {
  const group = program
    .command("dead-letters")
    .description("look at records that could not be published, and replay them")
    .helpCommand(false);
  const allConnectors = new Option(
    "--all",
    "those of every connector that shares the dead-letter topic",
  );

  withConfig(
    group
      .command("list")
      .description("list the dead letters, a line each")
      .addOption(allConnectors),
  ).action((flags: DeadLetterFlags) =>
    carryOut(async () =>
      (await import("../commands/dead-letters.ts")).printDeadLetters(
        flags,
        context,
      ),
    ),
  );

  withConfig(
    group
      .command("show")
      .description("print one dead letter whole: headers and item")
      .argument("<id>", "its id, as the list shows it: partition/offset")
      .addOption(allConnectors),
  ).action((id: string, flags: DeadLetterFlags) =>
    carryOut(async () =>
      (await import("../commands/dead-letters.ts")).showDeadLetter(
        id,
        flags,
        context,
      ),
    ),
  );

  withConfig(
    group
      .command("replay")
      .description(
        "publish dead letters with today's program and configuration, each once",
      )
      .argument("[ids...]", "ids, as the list shows them: partition/offset")
      .option("--all", "all of this connector's that wait")
      .option("--type <type>", "those of one resource type, such as contact")
      .option("--stage <stage>", "those that failed at one stage")
      .option("--dry-run", "say what would be done, and publish nothing"),
  ).action((ids: string[], flags: ReplayFlags) =>
    carryOut(async () =>
      (await import("../commands/replay.ts")).replay(ids, flags, context),
    ),
  );
};
