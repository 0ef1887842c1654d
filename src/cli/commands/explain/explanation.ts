import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import { printable } from "../../../security/printable.ts";
import { commandLine } from "../../command-line.ts";
import { prettyJson } from "../../output/pretty-json.ts";
import { deadLetterFacts, oneLine } from "../dead-letters/common.ts";
import type { RecordFacts } from "./facts.ts";
import { foreignText } from "./foreign.ts";
import { foreignLines, type ForeignRecords } from "./foreign-records.ts";
import { historyLines, type History } from "./history.ts";

/** How many dead letters a command names. */
const MOST_IDS = 20;

/** All that is known of a record. */
interface Explanation {
  readonly type: string;
  readonly id: string;
  /** `absent` when no record of the key is in the topic. */
  readonly state: "live" | "deleted" | "absent";
  /** Why the record is absent; null when it is not. */
  readonly problem: string | null;
  /** Types that may have been meant, where the type is not known. */
  readonly suggestions: readonly string[];
  readonly latest: RecordFacts | null;
  /** The value of the newest record; missing when it was not asked for. */
  readonly value: string | null | undefined;
  readonly foreign: ForeignRecords;
  readonly deadLetters: readonly ListedDeadLetter[];
  /** Missing when it was not asked for. */
  readonly history: History | undefined;
}

export function stateOf(latest: RecordFacts | null): Explanation["state"] {
  if (latest === null) return "absent";
  return latest.op === "d" ? "deleted" : "live";
}

/** Why no record of the key is in the topic, as far as its dead letters tell. */
export function problemOf(
  {
    problem,
    guess,
  }: { readonly problem: string; readonly guess: string | null },
  deadLetters: readonly ListedDeadLetter[],
): string {
  const fate = deadLetters.some(({ state }) => state === "waiting")
    ? "it waits as a dead letter"
    : deadLetters.at(-1)?.state === "dismissed"
      ? "its dead letter was dismissed"
      : guess;
  return fate === null ? problem : `${problem}; ${fate}`;
}

/** The command that replays the dead letters that wait, the newest ones if there are many. */
function replayLines(
  deadLetters: readonly ListedDeadLetter[],
  config: string,
): string[] {
  const ids = deadLetters
    .filter(({ state }) => state === "waiting")
    .map(({ id }) => id)
    .slice(-MOST_IDS);
  const command = commandLine(["dead-letters", "replay", ...ids], config);
  return ids.length === 0
    ? []
    : [printable(`once the reason is removed: ${command}`)];
}

export function explanationJson(explanation: Explanation): string {
  const deadLetters = explanation.deadLetters.map(deadLetterFacts);
  return JSON.stringify({ ...explanation, deadLetters });
}

/** The explanation for people; its commands work with the configuration file. */
export function explanationText(
  explanation: Explanation,
  config: string,
): string {
  const { latest, value, foreign, history, deadLetters } = explanation;
  return [
    ...(latest === null ? absenceLines(explanation) : stateLines(explanation)),
    ...deadLetters.map(letterLine),
    ...replayLines(deadLetters, config),
    ...(typeof value === "string" ? ["", prettyJson(value)] : []),
    ...(history === undefined ? [] : historyLines(history)),
    ...foreignLines(foreign),
  ].join("\n");
}

function absenceLines({ type, id, problem, suggestions }: Explanation) {
  return [
    `${type} ${id} is not in Kafka: ${problem ?? "-"}`,
    ...(suggestions.length > 0
      ? [`did you mean ${suggestions.join(", or ")}?`]
      : []),
  ].map(printable);
}

function stateLines({ type, id, state, latest }: Explanation): string[] {
  if (latest === null) return [];
  const { foreign, ...facts } = latest;
  const { topic, partition, offset, revision, time, bytes, eventType } = latest;
  const head =
    state === "live"
      ? `${type} ${id} is in Kafka:`
      : `${type} ${id} is deleted in Kafka, since ${time ?? "an unknown time"}, by the record at offset ${offset} of ${topic} partition ${partition} (${revision === null ? "no revision" : `revision ${revision}`}):`;
  const event = bytes === null ? "tombstone" : (eventType ?? "no event type");
  return [
    head,
    ...Object.entries({ ...facts, op: `${facts.op} (${event})` }).map(
      ([name, value]) => `  ${name.padEnd(12)}${String(value ?? "-")}`,
    ),
    ...(foreign === null
      ? []
      : [`this connector did not write that record: ${foreignText(foreign)}`]),
  ].map(printable);
}

function letterLine(letter: ListedDeadLetter): string {
  const { id, state, stage, reason } = letter;
  const time = new Date(letter.timeMs).toISOString();
  return printable(
    `dead letter ${id} of ${time}, ${state}: ${stage}: ${oneLine(reason)}`,
  );
}
