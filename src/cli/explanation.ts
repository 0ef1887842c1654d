import type { ListedDeadLetter } from "../dead-letters/dead-letter-listing.ts";
import { jsonTextIn } from "../format/value-text.ts";
import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { printable } from "../security/printable.ts";
import { oneLine } from "./commands/dead-letters.ts";

/** The newest state of a record in Kafka, without its contents. */
export interface State {
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

export function stateOf(record: StoredRecord): State {
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

/** A state for people, a line for each fact. */
export function stateText(state: State): string {
  const { op, bytes, eventType } = state;
  const event = bytes === null ? "tombstone" : (eventType ?? "no event type");
  return Object.entries({ ...state, op: `${op} (${event})` })
    .map(([name, value]) =>
      printable(`  ${name.padEnd(12)}${String(value ?? "-")}`),
    )
    .join("\n");
}

export function letterLine(letter: ListedDeadLetter): string {
  const { id, state, stage, reason } = letter;
  const time = new Date(letter.timeMs).toISOString();
  return printable(
    `dead letter ${id} of ${time}, ${state}: ${stage}: ${oneLine(reason)}`,
  );
}

/** A value as text: JSON as it is, a binary one in base64. Null for a tombstone. */
export function valueText({ value }: StoredRecord): string | null {
  if (value === null) return null;
  return jsonTextIn(value) ?? value.toString("base64");
}
