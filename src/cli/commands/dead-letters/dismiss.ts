import { hostname, userInfo } from "node:os";
import { Option, type Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import { printable } from "../../../security/printable.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { counted } from "../../../lib/text/counted.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import { deadLetterTopicOf, isOwn, markingId, oneLine } from "./common.ts";
import {
  refuseUnfit,
  selectionOf,
  settledBeforeText,
  withSelection,
} from "./selection.ts";

export const defineDismiss: Definition = (group, context, execute) => {
  withOptions(group.command("dismiss")).action((ids, flags) =>
    execute(() => dismiss(ids, flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    withSelection(
      command.description(
        "mark dead letters that need no replay, with the reason; replay by id undoes it",
      ),
    )
      .addOption(
        new Option(
          "--reason <text>",
          "why, for whoever looks at it later",
        ).makeOptionMandatory(),
      )
      .option("--dry-run", "say what would be dismissed, and mark nothing")
      .option("--yes", "ask nothing on a terminal"),
  ).addHelpText(
    "after",
    examples(
      [
        "say what would be dismissed",
        "dead-letters dismiss --stage decode --reason spam --dry-run",
      ],
      [
        "dismiss one cause, as the list names it",
        "dead-letters dismiss --cause 3f9a21c0 --reason spam",
      ],
    ),
  );

type DismissFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/dismissal.ts")),
  ...(await import("../../../kafka/client/shared-connections.ts")),
  ...(await import("../../../kafka/write/transactional-producer.ts")),
  ...(await import("../../../app/shutdown.ts")),
});

/** Marks dead letters as dismissed. Exit code 0 once every selected one is settled. */
async function dismiss(
  ids: readonly string[],
  flags: DismissFlags,
  context: ProcessContext,
): Promise<number> {
  const reason = flags.reason.trim();
  if (reason === "") throw new UsageError("--reason needs a text");
  const selection = await selectionOf(ids, flags);
  const {
    openApp,
    Dismissing,
    SharedConnections,
    TransactionalProducer,
    shutdownSignals,
  } = await load();
  await using app = await openApp(flags, context, "quiet");
  const { config, kafka, logger, clock } = app;
  const { stdout, stopping } = context;
  const json = flags.json === true;
  const dryRun = flags.dryRun === true;
  if (ids.length > 0)
    await refuseUnfit(ids, { verb: "dismiss", json }, app, context);
  const isOwnAndSelected = (letter: DeadLetter) =>
    isOwn(letter, config) && selection.selects(letter);
  if (!dryRun && flags.yes !== true) {
    const isWanted = await isConfirmed(app, isOwnAndSelected, context);
    if (!isWanted) {
      await print(context.stderr, "nothing is dismissed\n");
      return 1;
    }
  }
  await using connections = new SharedConnections({ kafka, clock, atMost: 1 });
  await using producer = dryRun
    ? null
    : new TransactionalProducer({
        connections,
        clock,
        compression: config.kafka.compression,
        transactionalId: markingId(config),
      });
  const dismissal = {
    time: new Date(clock.epochMs()).toISOString(),
    by: whoDismisses(context),
    reason,
  };
  let dismissed = 0;
  const task = new Dismissing({
    ...deadLetterTopicOf(app),
    producer,
    isSelected: isOwnAndSelected,
    dismissal,
    dismissed: async (letter) => {
      dismissed++;
      if (!json) await print(stdout, `${lineOf(letter, dryRun)}\n`);
    },
  });
  const isDone = await task.run(shutdownSignals(app, stopping));
  if (isDone) selection.refuseUnknown();
  const { settledBefore } = task;
  const verb = dryRun ? "would be dismissed" : "dismissed";
  await print(
    stdout,
    json
      ? `${JSON.stringify({ dryRun, isDone, dismissed, settledBefore, ...dismissal })}\n`
      : `${dismissed} ${verb}${settledBeforeText(settledBefore)}\n`,
  );
  if (!isDone) logger.warn("stopped before all letters were tried");
  return isDone ? 0 : 1;
}

/** Asks on a terminal; elsewhere the command is its own confirmation. */
async function isConfirmed(
  app: Parameters<typeof deadLetterTopicOf>[0],
  isSelected: (deadLetter: DeadLetter) => boolean,
  context: ProcessContext,
): Promise<boolean> {
  const { stdin, stderr, stopping } = context;
  if (stdin.isTTY !== true || stderr.isTTY !== true) return true;
  const { overviewOf } =
    await import("../../../dead-letters/dead-letter-groups.ts");
  const { createInterface } = await import("node:readline/promises");
  const topic = deadLetterTopicOf(app);
  const { counts } = await overviewOf(topic, isSelected, stopping);
  if (counts.waiting === 0) return true;
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await terminal.question(
      `Dismiss ${counted(counts.waiting, "dead letter")} of ${app.config.name}? What Sell sent stays unpublished. [y/N] `,
      { signal: stopping },
    );
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}

/** The user and machine on which the command runs; in a container the user may have no name. */
function whoDismisses({ env }: ProcessContext): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${env["USER"] ?? "unknown"}@${hostname()}`;
  }
}

function lineOf(
  { id, type, key, reason }: DeadLetter,
  dryRun: boolean,
): string {
  const did = dryRun ? "would be dismissed" : "dismissed";
  return printable(`${id}  ${type ?? "-"} ${key}  ${did}: ${oneLine(reason)}`);
}
