import type { Command } from "@commander-js/extra-typings";
import type { AppContext } from "../../app/app-context.ts";
import type { ListedDeadLetter } from "../../dead-letters/dead-letter-listing.ts";
import type { StoredRecord } from "../../kafka/read/partition-reader.ts";
import { printable } from "../../security/printable.ts";
import { examples } from "../examples.ts";
import { withConfig, type FlagsOf } from "../options.ts";
import { print, type ProcessContext } from "../process-context.ts";
import { isOwn, deadLetterFacts, oneLine } from "./dead-letters/common.ts";
import type { Definition } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("explain")).action((type, id, flags) =>
    execute(() => explain(type, id, flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description(
        "tell where a record stands now: its newest state in Kafka, and its dead letters",
      )
      .argument("<type>", "Sell's resource type, such as contact")
      .argument("<id>", "the record's id in Sell"),
  )
    .option("--value", "show what the record holds, too")
    .addHelpText(
      "after",
      examples(
        ["where contact 1234 is in Kafka", "explain contact 1234"],
        ["with what it holds", "explain deal 4300000141 --value"],
      ),
    );

type ExplainFlags = FlagsOf<typeof withOptions>;

interface RecordName {
  readonly type: string;
  readonly id: string;
}

/** A record's newest state, or why there is none. */
type Found =
  | { readonly record: StoredRecord }
  | { readonly record: null; readonly problem: string };

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../kafka/read/partition-reader.ts")),
  ...(await import("../pretty-json.ts")),
});

/** Prints where a record stands. Exit code 0 when Kafka holds the record or a dead letter of it. */
async function explain(
  type: string,
  id: string,
  flags: ExplainFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, headerOf, prettyJson } = await load();
  await using app = await openApp(flags, context, "quiet");
  const { stopping } = context;
  const found = await findRecord(app, { type, id }, stopping);
  const own = await findDeadLetters(app, { type, id }, stopping);
  const { record } = found;
  const latest = record === null ? null : toState(record, headerOf);
  const value =
    record !== null && flags.value ? await valueText(record) : undefined;
  if (flags.json) {
    const deadLetters = own.map(deadLetterFacts);
    const facts = { type, id, latest, value, deadLetters };
    await print(context.stdout, `${JSON.stringify(facts)}\n`);
  } else {
    const lines = [
      found.record === null
        ? printable(`${type} ${id} is not in Kafka: ${found.problem}`)
        : `${printable(`${type} ${id}`)} is in Kafka:\n${stateText(toState(found.record, headerOf))}`,
      ...own.map(letterLine),
      ...(typeof value === "string" ? ["", prettyJson(value)] : []),
    ];
    await print(context.stdout, `${lines.join("\n")}\n`);
  }
  return record === null && own.length === 0 ? 1 : 0;
}

async function findDeadLetters(
  { config, kafka, clock, router }: AppContext,
  { type, id }: RecordName,
  signal: AbortSignal,
): Promise<ListedDeadLetter[]> {
  const { listDeadLetters } =
    await import("../../dead-letters/dead-letter-listing.ts");
  const { headerText } = await import("../../format/headers.ts");
  const { deadLetterKey } = await import("../../publish/topics/record-key.ts");
  const { deadLetterTopic } = config.delivery;
  const onlyKey = deadLetterKey(router.keyFor(type, id));
  const topic = { kafka, clock, deadLetterTopic, onlyKey };
  const { deadLetters } = await listDeadLetters(topic, signal);
  return deadLetters.filter(
    (one) => one.type === headerText(type) && isOwn(one, config),
  );
}

async function findRecord(
  { kafka, clock, router }: AppContext,
  { type, id }: RecordName,
  signal: AbortSignal,
): Promise<Found> {
  const { RecordFault } = await import("../../domain/faults.ts");
  const { readNewestOfKey } = await import("../../kafka/read/read-newest.ts");
  const { withAdmin } = await import("../../kafka/client/connection.ts");
  let topic: string;
  try {
    topic = router.legalTopic(type);
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error;
    return { record: null, problem: error.message };
  }
  const key = router.keyFor(type, id);
  const newest = await readNewestOfKey(
    { kafka, clock },
    { topic, key },
    signal,
  );
  if (newest.kind === "no topic") {
    const existing = await withAdmin(kafka, signal, (admin) =>
      admin.listTopics(),
    );
    const types = existing.flatMap((one) => router.parse(one, "")?.type || []);
    const others =
      types.length > 0
        ? `the types that have one are ${types.sort().join(", ")}`
        : "nothing was published yet";
    return { record: null, problem: `there is no topic ${topic}; ${others}` };
  }
  if (newest.kind === "record") return newest;
  return {
    record: null,
    problem: `no record in ${topic} has the key ${key}; Sell may not have handed it out yet, or compaction has removed it after its deletion`,
  };
}

/** The newest state of a record in Kafka, without its contents. */
interface State {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly revision: string | null;
  readonly op: "c" | "u" | "d";
  /** When it was published, as ISO 8601. */
  readonly time: string;
  readonly eventType: string | null;
  readonly ackKey: string | null;
  readonly connector: string | null;
  /** Null for a tombstone. */
  readonly bytes: number | null;
}

function toState(
  record: StoredRecord,
  headerOf: (record: StoredRecord, name: string) => string | null,
): State {
  const { topic, partition, offset, key, value, timestampMs } = record;
  const header = (name: string) => headerOf(record, `sell.${name}`);
  const eventType = header("event_type");
  return {
    topic,
    partition,
    offset: String(offset),
    key,
    revision: header("revision"),
    op: value === null ? "d" : opOf(eventType),
    time: new Date(timestampMs).toISOString(),
    eventType,
    ackKey: header("ack_key"),
    connector: header("connector"),
    bytes: value?.length ?? null,
  };
}

function opOf(eventType: string | null): State["op"] {
  if (eventType === "deleted") return "d";
  return eventType === "created" ? "c" : "u";
}

/** Returns a state as text, a line for each fact. */
function stateText(state: State): string {
  const { op, bytes, eventType } = state;
  const event = bytes === null ? "tombstone" : (eventType ?? "no event type");
  return Object.entries({ ...state, op: `${op} (${event})` })
    .map(([name, value]) =>
      printable(`  ${name.padEnd(12)}${String(value ?? "-")}`),
    )
    .join("\n");
}

function letterLine(letter: ListedDeadLetter): string {
  const { id, state, stage, reason } = letter;
  const time = new Date(letter.timeMs).toISOString();
  return printable(
    `dead letter ${id} of ${time}, ${state}: ${stage}: ${oneLine(reason)}`,
  );
}

/** Returns a value as text: JSON unchanged, a binary one in base64. Null for a tombstone. */
async function valueText({ value }: StoredRecord): Promise<string | null> {
  if (value === null) return null;
  const { jsonTextIn } = await import("../../format/value-text.ts");
  return jsonTextIn(value) ?? value.toString("base64");
}
