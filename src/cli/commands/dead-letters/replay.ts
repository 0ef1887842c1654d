import type { Command } from "@commander-js/extra-typings";
import type { AppContext } from "../../../app/app-context.ts";
import { UsageError } from "../../../app/usage-error.ts";
import type { DeadLetter } from "../../../dead-letters/dead-letter.ts";
import type { ReplayOutcome } from "../../../dead-letters/replay.ts";
import { headerText } from "../../../format/headers.ts";
import { printable } from "../../../security/printable.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";
import {
  deadLetterTopicOf,
  isOwn,
  oneLine,
  unknownDeadLetter,
} from "./common.ts";

export const defineReplay: Definition = (group, context, execute) => {
  withOptions(group.command("replay")).action((ids, flags) =>
    execute(() => replay(ids, flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description(
        "publish dead letters with today's program and configuration, each once",
      )
      .argument("[ids...]", "ids, as the list shows them: partition/offset")
      .option("--all", "all of this connector's that wait")
      .option("--type <type>", "those of one resource type, such as contact")
      .option("--stage <stage>", "those that failed at one stage")
      .option("--dry-run", "say what would be done, and publish nothing"),
  ).addHelpText(
    "after",
    examples(
      ["say what would be done", "dead-letters replay --all --dry-run"],
      ["publish two of them", "dead-letters replay 0/17 2/3"],
      ["publish those of one type", "dead-letters replay --type deal"],
    ),
  );

type ReplayFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../dead-letters/replay.ts")),
  ...(await import("../../../kafka/write/transactional-producer.ts")),
  ...(await import("../../../app/shutdown.ts")),
});

/** Publishes dead letters again. Exit code 0 only when none of the chosen ones is left. */
async function replay(
  ids: readonly string[],
  flags: ReplayFlags,
  context: ProcessContext,
): Promise<number> {
  const isSelected = selectionOf(ids, flags);
  const { openApp, Replay, TransactionalProducer, shutdownSignals } =
    await load();
  await using app = await openApp(flags, context, "quiet");
  const { config, kafka, logger } = app;
  const { stdout, stopping } = context;
  const device = await app.device(stopping);
  if (ids.length > 0) await refuseUnfit(ids, flags, app, context);

  await using producer =
    flags.dryRun === true
      ? null
      : new TransactionalProducer({
          kafka,
          compression: config.kafka.compression,
          transactionalId: `sell-kafka.${config.name}.replay`,
        });
  const outcomes: ReplayOutcome[] = [];
  const task = new Replay({
    ...deadLetterTopicOf(app),
    producer,
    router: app.router,
    encoder: app.createEncoder(device),
    topics:
      producer === null
        ? null
        : app.openTopics((error, failures) => {
            logger.warn({ err: error, failures }, "failed, trying again");
          }),
    isSelected: (letter) => isOwn(letter, config) && isSelected(letter),
    settled: async (outcome) => {
      outcomes.push(outcome);
      if (!flags.json)
        await print(stdout, `${printable(lineOf(outcome, flags))}\n`);
    },
  });
  const isDone = await task.run(shutdownSignals(app, stopping));
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
  };
  const verb = flags.dryRun ? "would be replayed" : "replayed";
  await print(
    stdout,
    flags.json
      ? `${JSON.stringify({ ...summary, letters: outcomes.map(outcomeFacts) })}\n`
      : `${replayed} ${verb}, ${skipped} skipped, ${failed} still dead letters\n`,
  );
  if (!isDone) logger.warn("stopped before all letters were tried");
  return isDone && failed === 0 ? 0 : 1;
}

/** Refuses ids that can't be replayed, and tells of those that were replayed before. Throws a UsageError. */
async function refuseUnfit(
  ids: readonly string[],
  { json }: ReplayFlags,
  app: AppContext,
  { stdout, stopping }: ProcessContext,
): Promise<void> {
  const { listDeadLetters } =
    await import("../../../dead-letters/dead-letter-listing.ts");
  const { config } = app;
  const topic = deadLetterTopicOf(app);
  const { deadLetters } = await listDeadLetters(topic, stopping);
  for (const id of ids) {
    const letter = deadLetters.find((one) => one.id === id);
    if (letter === undefined) throw unknownDeadLetter(id, config);
    if (!isOwn(letter, config))
      throw new UsageError(
        `the dead letter ${id} is of another connector, ${printable(letter.connector ?? "without a name")}; replay it with that one's configuration`,
      );
    if (letter.state === "incomplete")
      throw new UsageError(
        `the dead letter ${id} can't be replayed: it is part of an attempt that was broken off`,
      );
    if (letter.replayedAt !== null && !json)
      await print(
        stdout,
        `${id}  was replayed at ${printable(letter.replayedAt)}\n`,
      );
  }
}

function selectionOf(
  ids: readonly string[],
  { all, type, stage }: ReplayFlags,
): (letter: DeadLetter) => boolean {
  const isFiltered = type !== undefined || stage !== undefined;
  if (ids.length === 0 && !isFiltered && all !== true)
    throw new UsageError(
      "which dead letters? Give ids as the list shows them, or --type, --stage, or --all",
    );
  if (ids.length > 0 && (isFiltered || all === true))
    throw new UsageError(
      "ids don't go together with --type, --stage or --all; give the one or the other",
    );
  const wanted = new Set(ids);
  return (letter) =>
    (wanted.size === 0 || wanted.has(letter.id)) &&
    (type === undefined || letter.type === headerText(type)) &&
    (stage === undefined || letter.stage === stage);
}

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
