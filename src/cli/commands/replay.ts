import {
  deviceOf,
  encoderOf,
  kafkaOf,
  routerOf,
  topicsOf,
} from "../../app/parts.ts";
import type { DeadLetter } from "../../dead-letters/dead-letter.ts";
import { headerText } from "../../format/headers.ts";
import { listDeadLetters } from "../../dead-letters/dead-letter-listing.ts";
import { Replay, type ReplayOutcome } from "../../dead-letters/replay.ts";
import { TransactionalProducer } from "../../kafka/write/transactional-producer.ts";
import { systemClock } from "../../lib/clock.ts";
import { printable } from "../../security/printable.ts";
import { version } from "../../version.ts";
import { print, UsageError, type Context } from "../context.ts";
import {
  deadLetterTopicOf,
  isOwn,
  oneLine,
  unknownLetter,
} from "./dead-letters.ts";
import { configOf, loggerOf, signalsFor } from "../drains.ts";
import type { CommonFlags } from "../options.ts";

export interface ReplayFlags extends CommonFlags {
  readonly all?: boolean;
  readonly type?: string;
  readonly stage?: string;
  readonly dryRun?: boolean;
}

/** Publishes dead letters anew. Exit code 0 only when none of the chosen ones is left. */
export async function replay(
  ids: readonly string[],
  flags: ReplayFlags,
  context: Context,
): Promise<number> {
  const isSelected = selectionOf(ids, flags);
  const config = await configOf(flags, context);
  const { stdout, stopping } = context;
  const logger = loggerOf(flags, config, context, true);
  const kafka = kafkaOf(config, logger);
  const device = await deviceOf(config, kafka, stopping);
  const topic = deadLetterTopicOf(config, flags, context);
  if (ids.length > 0) {
    const { deadLetters } = await listDeadLetters(topic, stopping);
    for (const id of ids) {
      const letter = deadLetters.find((one) => one.id === id);
      if (letter === undefined) throw unknownLetter(id, config);
      if (!isOwn(letter, config))
        throw new UsageError(
          `the dead letter ${id} is of another connector, ${printable(letter.connector ?? "without a name")}; replay it with that one's configuration`,
        );
      if (letter.state === "incomplete")
        throw new UsageError(
          `the dead letter ${id} can't be replayed: it is part of an attempt that was broken off`,
        );
      if (letter.replayedAt !== null && !flags.json)
        await print(
          stdout,
          `${id}  was replayed at ${printable(letter.replayedAt)}\n`,
        );
    }
  }

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
    ...topic,
    producer,
    router: routerOf(config),
    encoder: encoderOf(config, device, version, systemClock),
    topics:
      producer === null
        ? null
        : topicsOf(config, kafka, systemClock, (error, failures) => {
            logger.warn({ err: error, failures }, "failed, trying again");
          }),
    isSelected: (letter) => isOwn(letter, config) && isSelected(letter),
    settled: async (outcome) => {
      outcomes.push(outcome);
      if (!flags.json)
        await print(stdout, `${printable(lineOf(outcome, flags))}\n`);
    },
  });
  const isDone = await task.run(signalsFor(config, logger, context));
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
      ? `${JSON.stringify({ ...summary, letters: outcomes.map(factsOf) })}\n`
      : `${replayed} ${verb}, ${skipped} skipped, ${failed} still dead letters\n`,
  );
  if (!isDone) logger.warn("stopped before all letters were tried");
  return isDone && failed === 0 ? 0 : 1;
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

function factsOf({ deadLetter, ...rest }: ReplayOutcome) {
  const { id, type, key } = deadLetter;
  return { id, type, key, ...rest };
}
