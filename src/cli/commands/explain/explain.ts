import type { Command } from "@commander-js/extra-typings";
import type { AppContext } from "../../../app/context/app-context.ts";
import { UsageError } from "../../../app/usage-error.ts";
import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import type { StoredRecord } from "../../../kafka/read/partition-reader.ts";
import { examples } from "../../examples.ts";
import { withConfig, type FlagsOf } from "../../options.ts";
import { numberParser } from "../../parse-number.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import { isOwn } from "../dead-letters/common.ts";
import type { Definition } from "../definition.ts";
import type { RecordName } from "./find-record.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("explain")).action((type, id, flags) =>
    execute(() => explain(type, id, flags, context)),
  );
};

const DEFAULT_LIMIT = 100;

const withOptions = (command: Command) =>
  withConfig(
    command
      .description(
        "tell where a record stands now: its newest state in Kafka or its deletion, its dead letters, and what other programs wrote to its topic",
      )
      .argument("<type>", "Sell's resource type, such as contact")
      .argument("<id>", "the record's id in Sell"),
  )
    .option("--value", "show what the record holds, too")
    .option(
      "--history",
      "show every record of the key that the topic still holds, oldest first; reads the whole topic",
    )
    .option(
      "--limit <n>",
      `with --history: the newest so many entries; ${DEFAULT_LIMIT} without it`,
      numberParser({ least: 1, most: 100_000, whole: true }),
    )
    .addHelpText(
      "after",
      examples(
        ["where contact 1234 is in Kafka", "explain contact 1234"],
        ["with what it holds", "explain deal 4300000141 --value"],
        ["what became of it so far", "explain contact 1234 --history"],
      ),
    );

type ExplainFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../open-app.ts")),
  ...(await import("../../../format/schema-registry/value-readers.ts")),
  ...(await import("./explanation.ts")),
  ...(await import("./facts.ts")),
  ...(await import("./find-record.ts")),
  ...(await import("./foreign.ts")),
  ...(await import("./survey.ts")),
});

/** Prints where a record stands. Exit code 0 when Kafka holds the record, its deletion or a dead letter of it. */
async function explain(
  type: string,
  id: string,
  flags: ExplainFlags,
  context: ProcessContext,
): Promise<number> {
  if (flags.limit !== undefined && flags.history !== true)
    throw new UsageError("--limit has no effect without --history");
  const lib = await load();
  await using app = await lib.openApp(flags, context, "quiet");
  const { stopping } = context;
  const found = await lib.findRecord(app, { type, id }, stopping);
  const deadLetters = await findDeadLetters(app, { type, id }, stopping);
  const readers = new lib.ValueReaders(app.registry);
  const check = new lib.ForeignCheck(app.config.name, readers);
  const survey = await lib.surveyTopic(
    app,
    {
      key: app.router.keyFor(type, id),
      ranges: found.ranges,
      check,
      most: flags.history === true ? (flags.limit ?? DEFAULT_LIMIT) : null,
    },
    stopping,
  );
  const { record } = found;
  if (record !== null) await check.prepare([record], stopping);
  const latest = record === null ? null : lib.factsOf(record, check.of(record));
  const explanation = {
    ...{ type, id, latest, deadLetters },
    state: lib.stateOf(latest),
    problem: found.record === null ? lib.problemOf(found, deadLetters) : null,
    suggestions: found.record === null ? found.suggestions : [],
    value: record !== null && flags.value ? await valueText(record) : undefined,
    foreign: survey.foreign,
    history: survey.history?.with(deadLetters),
  };
  const text = flags.json
    ? lib.explanationJson(explanation)
    : lib.explanationText(explanation, flags.config);
  await print(context.stdout, `${text}\n`);
  return record === null && deadLetters.length === 0 ? 1 : 0;
}

async function findDeadLetters(
  { config, kafka, clock, router }: AppContext,
  { type, id }: RecordName,
  signal: AbortSignal,
): Promise<ListedDeadLetter[]> {
  const { listDeadLetters } =
    await import("../../../dead-letters/dead-letter-listing.ts");
  const { headerText } = await import("../../../format/headers.ts");
  const { deadLetterKey } =
    await import("../../../publish/topics/record-key.ts");
  const { deadLetterTopic } = config.delivery;
  const onlyKey = deadLetterKey(router.keyFor(type, id));
  const topic = { kafka, clock, deadLetterTopic, onlyKey };
  const { deadLetters } = await listDeadLetters(topic, signal);
  return deadLetters.filter(
    (one) => one.type === headerText(type) && isOwn(one, config),
  );
}

/** Returns a value as text: JSON unchanged, a binary one in base64. Null for a tombstone. */
async function valueText({ value }: StoredRecord): Promise<string | null> {
  if (value === null) return null;
  const { jsonTextIn } = await import("../../../format/value-text.ts");
  return jsonTextIn(value) ?? value.toString("base64");
}
