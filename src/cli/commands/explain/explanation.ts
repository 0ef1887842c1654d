import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import { printable } from "../../../security/printable.ts";
import { prettyJson } from "../../pretty-json.ts";
import { deadLetterFacts, oneLine } from "../dead-letters/common.ts";
import type { RecordFacts } from "./facts.ts";
import { foreignText } from "./foreign.ts";
import { foreignLines, type ForeignRecords } from "./foreign-records.ts";
import { historyLines, type History } from "./history.ts";

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
  /** What the newest record holds; missing when it was not asked for. */
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

export function explanationJson(explanation: Explanation): string {
  const deadLetters = explanation.deadLetters.map(deadLetterFacts);
  return JSON.stringify({ ...explanation, deadLetters });
}

export function explanationText(explanation: Explanation): string {
  const { latest, value, foreign, history, deadLetters } = explanation;
  return [
    ...(latest === null ? absenceLines(explanation) : stateLines(explanation)),
    ...deadLetters.map(letterLine),
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
