import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import { printable } from "../../../security/printable.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import {
  allOption,
  deadLetterTopicOf,
  isOwn,
  deadLetterFacts,
  unknownDeadLetter,
} from "./common.ts";

export const defineShow: Definition = (group, context, execute) => {
  withOptions(group.command("show")).action((id, flags) =>
    execute(() => show(id, flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description("print one dead letter whole: headers and item")
      .argument("<id>", "its id, as the list shows it: partition/offset")
      .addOption(allOption),
  ).addHelpText(
    "after",
    examples(["the one that the list calls 0/17", "dead-letters show 0/17"]),
  );

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/dead-letter-listing.ts")),
  ...(await import("../../output/pretty-json.ts")),
});

/** Prints one dead letter whole. */
async function show(
  id: string,
  flags: FlagsOf<typeof withOptions>,
  context: ProcessContext,
): Promise<number> {
  const { openApp, listDeadLetters, prettyJson } = await load();
  await using app = await openApp(flags, context, "quiet");
  const { config } = app;
  const topic = deadLetterTopicOf(app);
  const { deadLetters, items } = await listDeadLetters(
    topic,
    context.stopping,
    {
      wants: (one) => one.id === id,
      keepsSettled: () => true,
      mostBytes: Infinity,
    },
  );
  const letter = deadLetters.find((one) => one.id === id);
  if (letter === undefined) throw unknownDeadLetter(id, config);
  if (flags.all !== true && !isOwn(letter, config))
    throw new UsageError(
      `the dead letter ${id} is of another connector, ${printable(letter.connector ?? "without a name")}; --all shows it`,
    );
  const item = items.get(id)?.toString("utf8") ?? null;
  const facts = deadLetterFacts(letter);
  const { headers } = letter;
  const text = flags.json
    ? JSON.stringify({ ...facts, headers, item })
    : [
        ...Object.entries({ ...facts, ...headers }).map(([name, value]) =>
          printable(`${name.padEnd(18)}${String(value ?? "-")}`),
        ),
        "",
        item === null ? "(its chunks are not complete)" : prettyJson(item),
      ].join("\n");
  await print(context.stdout, `${text}\n`);
  return 0;
}
