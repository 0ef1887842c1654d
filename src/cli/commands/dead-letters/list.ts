import type { Command } from "@commander-js/extra-typings";
import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import { cutText } from "../../../lib/cut-text.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import { tableLines } from "../../table.ts";
import type { Definition } from "../definition.ts";
import {
  allOption,
  deadLetterTopicOf,
  isOwn,
  deadLetterFacts,
  oneLine,
} from "./common.ts";

export const defineList: Definition = (group, context, execute) => {
  withOptions(group.command("list")).action((flags) =>
    execute(() => list(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description("list the dead letters, a line each")
      .addOption(allOption),
  ).addHelpText(
    "after",
    examples(
      ["the dead letters of this connector", "dead-letters list"],
      ["of all connectors, for a program", "dead-letters list --all --json"],
    ),
  );

const LONGEST_CELL_BYTES = 100;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/dead-letter-listing.ts")),
});

async function list(
  flags: FlagsOf<typeof withOptions>,
  context: ProcessContext,
): Promise<number> {
  const { openApp, listDeadLetters } = await load();
  await using app = await openApp(flags, context, "quiet");
  const listing = await listDeadLetters(
    deadLetterTopicOf(app),
    context.stopping,
  );
  const deadLetters = listing.deadLetters.filter(
    (one) => flags.all === true || isOwn(one, app.config),
  );
  const text = flags.json
    ? JSON.stringify(deadLetters.map(deadLetterFacts))
    : toTable(deadLetters);
  await print(context.stdout, `${text}\n`);
  return 0;
}

function toTable(letters: readonly ListedDeadLetter[]): string {
  if (letters.length === 0) return "there are no dead letters";
  const rows = letters.map((letter) => [
    letter.id,
    new Date(letter.timeMs).toISOString(),
    shortened(letter.type ?? "-"),
    shortened(letter.key),
    letter.stage,
    letter.state,
    oneLine(letter.reason),
  ]);
  const all = [
    ["ID", "TIME", "TYPE", "KEY", "STAGE", "STATE", "REASON"],
    ...rows,
  ];
  return tableLines(all).join("\n");
}

/** Cuts a name to the width of a column. */
function shortened(name: string): string {
  const cut = cutText(name, LONGEST_CELL_BYTES);
  return cut === name ? name : `${cut}…`;
}
