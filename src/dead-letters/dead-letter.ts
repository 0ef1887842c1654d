import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { deadLetterHeaders as names } from "../publish/dead-letter-records.ts";
import { markerHeaders } from "./markers.ts";

/** A dead letter, without Sell's item. */
export interface DeadLetter {
  /** `<partition>/<offset>` of the record, or of its first chunk. */
  readonly id: string;
  readonly partition: number;
  readonly offset: bigint;
  /** When it was written. */
  readonly timeMs: number;
  readonly key: string;
  /** The connector that wrote it; null when the record doesn't tell. */
  readonly connector: string | null;
  /** Sell's resource type; null when the item named none. */
  readonly type: string | null;
  /** The session that handed the item out. */
  readonly session: string | null;
  readonly stage: string;
  readonly class: string | null;
  readonly reason: string;
  readonly originalTopic: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of Sell's item. */
  readonly bytes: number;
  /** How many records hold it. */
  readonly chunks: number;
}

/** What a record of the dead-letter topic is. */
export type DeadLetterRecordKind =
  "whole" | "chunk" | "replay marker" | "dismissal marker" | "other";

export function kindOf(record: StoredRecord): DeadLetterRecordKind {
  if (headerOf(record, markerHeaders.replayOf) !== null) return "replay marker";
  if (headerOf(record, markerHeaders.dismissOf) !== null)
    return "dismissal marker";
  if (headerOf(record, names.stage) === null) return "other";
  return headerOf(record, names.chunkSet) === null ? "whole" : "chunk";
}

/** Reads the dead letter from its record, or from the first of its chunks. */
export function parseDeadLetter(
  record: StoredRecord,
  { bytes, chunks }: Pick<DeadLetter, "bytes" | "chunks">,
): DeadLetter {
  const { partition, offset, timestampMs, key } = record;
  return {
    id: `${partition}/${offset}`,
    partition,
    offset,
    timeMs: timestampMs,
    key,
    connector: headerOf(record, names.connector),
    type: headerOf(record, "sell.type"),
    session: headerOf(record, "sell.session"),
    stage: headerOf(record, names.stage) ?? "",
    class: headerOf(record, names.class),
    reason: headerOf(record, names.message) ?? "",
    originalTopic: headerOf(record, names.originalTopic),
    headers: Object.fromEntries(
      Object.keys(record.headers ?? {})
        .filter((name) => !name.startsWith("chunk."))
        .map((name) => [name, headerOf(record, name) ?? ""]),
    ),
    bytes,
    chunks,
  };
}
