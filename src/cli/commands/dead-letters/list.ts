import { Option, type Command } from "@commander-js/extra-typings";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import { examples } from "../../examples.ts";
import { numberParser } from "../../parse-number.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import { allOption, deadLetterTopicOf, isOwn } from "./common.ts";

export const defineList: Definition = (group, context, execute) => {
  withOptions(group.command("list")).action((flags) =>
    execute(() => list(flags, context)),
  );
};

const limitOption = new Option(
  "--limit <n>",
  "show so many causes, or with --each so many dead letters",
)
  .argParser(numberParser({ least: 1, most: 100_000, whole: true }))
  .default(undefined, "20, with --each 1000");

const withOptions = (command: Command) =>
  withConfig(
    command
      .description("list the dead letters that wait, by cause")
      .addOption(allOption)
      .option("--each", "each dead letter by itself, in any state")
      .option("--dismissed", "those that were dismissed")
      .addOption(limitOption),
  ).addHelpText(
    "after",
    examples(
      ["the causes, and the commands that follow", "dead-letters list"],
      ["of all connectors, for a program", "dead-letters list --all --json"],
      ["one line for each dead letter", "dead-letters list --each --limit 50"],
      ["who dismissed what, and why", "dead-letters list --dismissed"],
    ),
  );

const MOST_GROUPS = 20;
const MOST_EACH = 1_000;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/dead-letter-groups.ts")),
  ...(await import("../../../dead-letters/dead-letter-listing.ts")),
  ...(await import("./list-each.ts")),
  ...(await import("./list-groups.ts")),
});

async function list(
  flags: FlagsOf<typeof withOptions>,
  context: ProcessContext,
): Promise<number> {
  const loaded = await load();
  await using app = await loaded.openApp(flags, context, "quiet");
  const { stopping, stdout } = context;
  const isAll = flags.all === true;
  const isDismissed = flags.dismissed === true;
  const isWanted = (one: DeadLetter) => isAll || isOwn(one, app.config);
  const topic = deadLetterTopicOf(app);
  const overview = await loaded.overviewOf(topic, isWanted, stopping);
  if (flags.each === true) {
    const ids = loaded.oldestIds(overview, {
      settlement: isDismissed ? "dismissed" : null,
      limit: flags.limit ?? MOST_EACH,
    });
    const { deadLetters } = await loaded.listDeadLetters(topic, stopping, {
      wants: (one) => ids.has(one.id),
      keepsSettled: () => true,
      mostBytes: null,
    });
    const left = loaded.countOf(overview, isDismissed) - deadLetters.length;
    if (flags.json) await print(stdout, `${loaded.eachJson(deadLetters)}\n`);
    else await print(stdout, `${loaded.eachText(deadLetters, left)}\n`);
    if (flags.json && left > 0)
      await print(context.stderr, `${loaded.leftOutText(left)}\n`);
    return 0;
  }
  const groups = overview.groups(isDismissed ? "dismissed" : "waiting");
  const shown = groups.slice(0, flags.limit ?? MOST_GROUPS);
  const examples = await loaded.readByIds(
    topic,
    shown.map(({ firstId }) => firstId),
    stopping,
  );
  const listing = loaded.groupListing(overview, groups, shown, examples, {
    app,
    configPath: flags.config,
    isAll,
    isDismissed,
  });
  const text = flags.json
    ? JSON.stringify(listing)
    : loaded.groupsText(listing);
  await print(stdout, `${text}\n`);
  return 0;
}
