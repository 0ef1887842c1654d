import { headerText } from "../format/headers.ts";
import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** Headers of the records that say what became of a dead letter; no other record has those that end in `.of`. */
export const markerHeaders = {
  /** `<dead-letter topic>/<id>` of the replayed dead letter. */
  replayOf: "replay.of",
  replayTo: "replay.to",
  replayTime: "replay.time",
  /** Why nothing was published: what the topic held instead. */
  replayHeld: "replay.held",
  /** `<dead-letter topic>/<id>` of the dismissed dead letter. */
  dismissOf: "dismiss.of",
  dismissTime: "dismiss.time",
  dismissBy: "dismiss.by",
  dismissReason: "dismiss.reason",
} as const;

const names = markerHeaders;

/** A dead letter was replayed, or nothing of it was left to be. */
export interface ReplayMark {
  readonly to: string;
  readonly time: string;
  /** The state that the topic held instead; null when the dead letter was published. */
  readonly held: string | null;
}

/** Somebody decided that a dead letter needs no replay. */
export interface Dismissal {
  readonly time: string;
  readonly by: string;
  readonly reason: string;
}

export function replayMarker(
  deadLetter: DeadLetter,
  deadLetterTopic: string,
  { to, time, held }: ReplayMark,
): KafkaRecord {
  const { id } = deadLetter;
  return markerOf(
    deadLetter,
    deadLetterTopic,
    { replayed: id, to, time, ...(held !== null && { held }) },
    {
      [names.replayOf]: `${deadLetterTopic}/${id}`,
      [names.replayTo]: to,
      [names.replayTime]: time,
      ...(held !== null && { [names.replayHeld]: headerText(held) }),
    },
  );
}

export function dismissalMarker(
  deadLetter: DeadLetter,
  deadLetterTopic: string,
  { time, by, reason }: Dismissal,
): KafkaRecord {
  const { id } = deadLetter;
  return markerOf(
    deadLetter,
    deadLetterTopic,
    { dismissed: id, by, reason, time },
    {
      [names.dismissOf]: `${deadLetterTopic}/${id}`,
      [names.dismissTime]: time,
      [names.dismissBy]: headerText(by),
      [names.dismissReason]: headerText(reason),
    },
  );
}

/** Which dead letter a replay marker speaks of, and what it says. */
export function parseReplayMarker(
  record: StoredRecord,
): ReplayMark & { readonly id: string } {
  return {
    id: idIn(record, names.replayOf),
    to: headerOf(record, names.replayTo) ?? "",
    time: headerOf(record, names.replayTime) ?? "",
    held: headerOf(record, names.replayHeld),
  };
}

/** Which dead letter a dismissal marker speaks of, and what it says. */
export function parseDismissalMarker(
  record: StoredRecord,
): Dismissal & { readonly id: string } {
  return {
    id: idIn(record, names.dismissOf),
    time: headerOf(record, names.dismissTime) ?? "",
    by: headerOf(record, names.dismissBy) ?? "",
    reason: headerOf(record, names.dismissReason) ?? "",
  };
}

/** A marker lies in the partition of its dead letter, behind it, under its key. */
function markerOf(
  { key, partition, headers }: DeadLetter,
  topic: string,
  value: object,
  own: Readonly<Record<string, string>>,
): KafkaRecord {
  const sell = Object.entries(headers).filter(
    ([name]) => name.startsWith("sell.") || name === "error.truncated",
  );
  return {
    topic,
    partition,
    key,
    value: Buffer.from(JSON.stringify(value)),
    headers: { ...Object.fromEntries(sell), ...own },
  };
}

function idIn(record: StoredRecord, name: string): string {
  const [, ...id] = (headerOf(record, name) ?? "").split("/");
  return id.join("/");
}
