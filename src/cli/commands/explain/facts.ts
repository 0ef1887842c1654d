import { cutText } from "../../../lib/text/cut-text.ts";
import {
  headerOf,
  type StoredRecord,
} from "../../../kafka/read/partition-reader.ts";
import type { Foreign } from "./foreign.ts";

/** A record in Kafka, without its contents. */
export interface RecordFacts {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly revision: string | null;
  readonly op: "c" | "u" | "d";
  /** When it was published, as ISO 8601; null when the record has no time. */
  readonly time: string | null;
  readonly eventType: string | null;
  readonly ackKey: string | null;
  readonly session: string | null;
  readonly connector: string | null;
  /** Null for a tombstone. */
  readonly bytes: number | null;
  /** Why the record is not this connector's; null for its own. */
  readonly foreign: Foreign | null;
}

/** Texts of records that other programs wrote may be as long as a record. */
const LONGEST_TEXT_BYTES = 1_024;
const LATEST_TIME_MS = 8_640_000_000_000_000;

export function factsOf(
  record: StoredRecord,
  foreign: Foreign | null,
): RecordFacts {
  const { topic, partition, offset, key, value, timestampMs } = record;
  const header = (name: string) => {
    const text = headerOf(record, `sell.${name}`);
    return text === null ? null : cutText(text, LONGEST_TEXT_BYTES);
  };
  const eventType = header("event_type");
  return {
    topic,
    partition,
    offset: String(offset),
    key: cutText(key, LONGEST_TEXT_BYTES),
    revision: header("revision"),
    op: value === null ? "d" : opOf(eventType),
    time: isoTime(timestampMs),
    eventType,
    ackKey: header("ack_key"),
    session: header("session"),
    connector: header("connector"),
    bytes: value?.length ?? null,
    foreign,
  };
}

/** A time in milliseconds as ISO 8601; null for one that no calendar has, which other programs may write. */
export function isoTime(ms: number): string | null {
  return ms >= 0 && ms <= LATEST_TIME_MS ? new Date(ms).toISOString() : null;
}

function opOf(eventType: string | null): RecordFacts["op"] {
  if (eventType === "deleted") return "d";
  return eventType === "created" ? "c" : "u";
}
