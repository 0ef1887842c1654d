import type { Config } from "../../config/definition/config.ts";
import { kafkaOf } from "../../app/parts.ts";
import type { DeadLetter } from "../../dead-letters/dead-letter.ts";
import {
  listDeadLetters,
  type DeadLetterTopic,
  type ListedDeadLetter,
} from "../../dead-letters/dead-letter-listing.ts";
import { systemClock } from "../../lib/clock.ts";
import { cutText } from "../../lib/cut-text.ts";
import { printable } from "../../security/printable.ts";
import { print, UsageError, type Context } from "../context.ts";
import { configOf, loggerOf } from "../drains.ts";
import type { CommonFlags } from "../options.ts";
import { prettyJson } from "../pretty-json.ts";
import { tableLines } from "../table.ts";

const LONGEST_CELL_BYTES = 100;

export interface DeadLetterFlags extends CommonFlags {
  /** Those of other connectors too. */
  readonly all?: boolean;
}

/** Lists dead letters, a line each. */
export async function printDeadLetters(
  flags: DeadLetterFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const topic = deadLetterTopicOf(config, flags, context);
  const listing = await listDeadLetters(topic, context.stopping);
  const deadLetters = listing.deadLetters.filter(
    (letter) => flags.all === true || isOwn(letter, config),
  );
  const text = flags.json
    ? JSON.stringify(deadLetters.map(factsOf))
    : tableOf(deadLetters);
  await print(context.stdout, `${text}\n`);
  return 0;
}

/** Prints one dead letter whole. */
export async function showDeadLetter(
  id: string,
  flags: DeadLetterFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const topic = deadLetterTopicOf(config, flags, context);
  const { deadLetters, items } = await listDeadLetters(
    topic,
    context.stopping,
    {
      wants: (letter) => letter.id === id,
      maxBytes: Infinity,
      replayed: true,
    },
  );
  const letter = deadLetters.find((one) => one.id === id);
  if (letter === undefined) throw unknownLetter(id, config);
  if (flags.all !== true && !isOwn(letter, config))
    throw new UsageError(
      `the dead letter ${id} is of another connector, ${printable(letter.connector ?? "without a name")}; --all shows it`,
    );
  const item = items.get(id)?.toString("utf8") ?? null;
  const facts = factsOf(letter);
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

export function deadLetterTopicOf(
  config: Config,
  flags: CommonFlags,
  context: Context,
): DeadLetterTopic {
  const logger = loggerOf(flags, config, context, true);
  const { deadLetterTopic } = config.delivery;
  return {
    kafka: kafkaOf(config, logger),
    clock: systemClock,
    deadLetterTopic,
  };
}

export function isOwn(letter: DeadLetter, { name }: Config): boolean {
  return letter.connector === name;
}

export function unknownLetter(id: string, { delivery }: Config): UsageError {
  return new UsageError(
    `there is no dead letter ${id} in ${delivery.deadLetterTopic}; "sell-kafka dead-letters list" shows those there are, by partition/offset`,
  );
}

export function factsOf(letter: ListedDeadLetter) {
  return {
    id: letter.id,
    time: new Date(letter.timeMs).toISOString(),
    connector: letter.connector,
    type: letter.type,
    key: letter.key,
    stage: letter.stage,
    class: letter.class,
    reason: letter.reason,
    originalTopic: letter.originalTopic,
    bytes: letter.bytes,
    chunks: letter.chunks,
    state: letter.state,
    replayedAt: letter.replayedAt,
  };
}

function tableOf(letters: readonly ListedDeadLetter[]): string {
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

/** A name of any length, for a column of a table. */
function shortened(name: string): string {
  const cut = cutText(name, LONGEST_CELL_BYTES);
  return cut === name ? name : `${cut}…`;
}

export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "));
}
