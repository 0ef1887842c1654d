import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";

/** A dead letter, without its contents. */
export interface Letter {
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
  readonly bytes: number;
  /** How many records hold it. */
  readonly chunks: number;
}

/** What a record of the dead-letter topic is. */
export type Kind = "letter" | "chunk" | "mark" | "other";

export function kindOf(record: StoredRecord): Kind {
  if (headerOf(record, "replay.of") !== null) return "mark";
  if (headerOf(record, "error.stage") === null) return "other";
  return headerOf(record, "chunk.set") === null ? "letter" : "chunk";
}

/** The letter in a record, or in the first of its chunks. */
export function letterOf(
  record: StoredRecord,
  { bytes, chunks }: Pick<Letter, "bytes" | "chunks">,
): Letter {
  const { partition, offset, timestampMs, key } = record;
  return {
    id: idOf(record),
    partition,
    offset,
    timeMs: timestampMs,
    key,
    connector: headerOf(record, "error.connector"),
    type: headerOf(record, "sell.type"),
    session: headerOf(record, "sell.session"),
    stage: headerOf(record, "error.stage") ?? "",
    class: headerOf(record, "error.class"),
    reason: headerOf(record, "error.message") ?? "",
    originalTopic: headerOf(record, "original.topic"),
    headers: Object.fromEntries(
      Object.keys(record.headers ?? {})
        .filter((name) => !name.startsWith("chunk."))
        .map((name) => [name, headerOf(record, name) ?? ""]),
    ),
    bytes,
    chunks,
  };
}

export function idOf({
  partition,
  offset,
}: Pick<StoredRecord, "partition" | "offset">): string {
  return `${partition}/${offset}`;
}
