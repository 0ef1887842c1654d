import type { Command } from "@commander-js/extra-typings";
import type { ReplayOutcome } from "../../../dead-letters/replay.ts";
import { printable } from "../../../security/printable.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import { deadLetterTopicOf, isOwn, markingId, oneLine } from "./common.ts";
import {
  refuseUnfit,
  selectionOf,
  settledBeforeText,
  withSelection,
} from "./selection.ts";

export const defineReplay: Definition = (group, context, execute) => {
  withOptions(group.command("replay")).action((ids, flags) =>
    execute(() => replay(ids, flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    withSelection(
      command.description(
        "publish dead letters with today's program and configuration, each once",
      ),
    ).option("--dry-run", "say what would be done, and publish nothing"),
  ).addHelpText(
    "after",
    examples(
      ["say what would be done", "dead-letters replay --all --dry-run"],
      ["publish two of them", "dead-letters replay 0/17 2/3"],
      ["publish those of one type", "dead-letters replay --type deal"],
      ["publish those of one cause", "dead-letters replay --cause 3f9a21c0"],
    ),
  );

type ReplayFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/replay.ts")),
  ...(await import("../../../kafka/client/shared-connections.ts")),
  ...(await import("../../../kafka/write/transactional-producer.ts")),
  ...(await import("../../../app/shutdown.ts")),
  ...(await import("./failure-groups.ts")),
});

/** Publishes dead letters again. Exit code 0 only when none of the chosen ones is left. */
async function replay(
  ids: readonly string[],
  flags: ReplayFlags,
  context: ProcessContext,
): Promise<number> {
  const selection = await selectionOf(ids, flags);
  const {
    openApp,
    Replay,
    SharedConnections,
    TransactionalProducer,
    shutdownSignals,
    FailureGroups,
  } = await load();
  await using app = await openApp(flags, context, "quiet");
  const { config, kafka, clock, logger } = app;
  const { stdout, stopping } = context;
  const device = await app.device(stopping);
  if (ids.length > 0) {
    const told = { verb: "replay", json: flags.json === true };
    await refuseUnfit(ids, told, app, context);
  }

  await using connections = new SharedConnections({ kafka, clock, atMost: 1 });
  await using producer =
    flags.dryRun === true
      ? null
      : new TransactionalProducer({
          connections,
          clock,
          compression: config.kafka.compression,
          transactionalId: markingId(config),
        });
  const outcomes: ReplayOutcome[] = [];
  const failures = new FailureGroups();
  const task = new Replay({
    ...deadLetterTopicOf(app),
    producer,
    router: app.router,
    encoder: app.createEncoder(device, app.openColumns()),
    topics:
      producer === null
        ? null
        : app.openTopics((error, failures) => {
            logger.warn({ err: error, failures }, "failed, trying again");
          }),
    isSelected: (letter) => isOwn(letter, config) && selection.selects(letter),
    undoesDismissals: ids.length > 0,
    settled: async (outcome) => {
      outcomes.push(outcome);
      const isRepetition =
        outcome.fate === "failed" && !failures.isFirst(outcome);
      if (!flags.json && !isRepetition)
        await print(stdout, `${printable(lineOf(outcome, flags))}\n`);
    },
  });
  const isDone = await task.run(shutdownSignals(app, stopping));
  if (isDone) selection.refuseUnknown();
  const count = (fate: ReplayOutcome["fate"]) =>
    outcomes.filter((outcome) => outcome.fate === fate).length;
  const [replayed, skipped, failed] = [
    count("replayed"),
    count("skipped"),
    count("failed"),
  ];
  const summary = {
    dryRun: flags.dryRun ?? false,
    isDone,
    replayed,
    skipped,
    failed,
    settledBefore: task.settledBefore,
  };
  const before = settledBeforeText(task.settledBefore);
  const verb = flags.dryRun ? "would be replayed" : "replayed";
  await print(
    stdout,
    flags.json
      ? `${JSON.stringify({ ...summary, letters: outcomes.map(outcomeFacts) })}\n`
      : `${replayed} ${verb}, ${skipped} skipped, ${failed} still dead letters${before}\n`,
  );
  if (!flags.json) {
    const more = [...failures.lines()];
    if (flags.dryRun && replayed > 0) more.push(NOT_TRIED);
    for (const line of more) await print(stdout, `${printable(line)}\n`);
  }
  if (!isDone) logger.warn("stopped before all letters were tried");
  return isDone && failed === 0 ? 0 : 1;
}

const NOT_TRIED =
  "nothing was sent: what the brokers alone refuse, such as a record above max.message.bytes, only a replay shows";

function lineOf(outcome: ReplayOutcome, { dryRun }: ReplayFlags): string {
  const { deadLetter } = outcome;
  const what = `${deadLetter.id}  ${deadLetter.type ?? "-"} ${deadLetter.key}`;
  switch (outcome.fate) {
    case "replayed":
      return `${what}  ${dryRun ? "would be published" : "published"} in ${outcome.topic}`;
    case "skipped":
      return `${what}  skipped: ${outcome.reason}`;
    case "failed":
      return `${what}  stays a dead letter (${outcome.stage}): ${oneLine(outcome.reason)}`;
  }
}

function outcomeFacts({ deadLetter, ...rest }: ReplayOutcome) {
  const { id, type, key } = deadLetter;
  return { id, type, key, ...rest };
}
