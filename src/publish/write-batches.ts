import type { Change, Item } from "../domain/change.ts";
import type { Fate } from "../domain/settled.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import type { Fingerprint } from "../lib/fingerprints.ts";

/** The records that stand for one item: all of them are durable, or none counts. */
export interface RecordGroup {
  readonly item: Item;
  /** The topic of the item's record, or of its dead-letter record. */
  readonly topic: string;
  /** Identifies the item's record, see `recordName`; null for an item without a record. */
  readonly name: string | null;
  readonly records: readonly KafkaRecord[];
}

/** The records that settle an item once they are written. */
export interface PlannedWrite extends RecordGroup {
  readonly fate: Fate;
  /** The fingerprint of the name; null for a dead-letter record, which is no state of the record. */
  readonly print: Fingerprint | null;
}

/**
 * A produce request holds one record batch per partition, and a broker takes 1 MiB of it by
 * default. Bytes are counted per topic, which is never less than per partition.
 */
const MAX_BYTES_PER_TOPIC = 900_000;
const RECORD_OVERHEAD_BYTES = 70;

/**
 * What one write may hold. No write holds two revisions of one record: repeated whole, it would
 * put the older one behind the newer.
 */
export class WriteBatch<T extends RecordGroup> {
  readonly groups: T[] = [];
  readonly #bytes = new Map<string, number>();
  /** A record that is too large alone may be refused, and then those beside it are written again. */
  #isOverfull = false;
  readonly #revisions = new Map<string, Item["revision"]>();
  readonly #maxGroups: number;

  constructor(maxGroups = Infinity) {
    this.#maxGroups = maxGroups;
  }

  holds(name: string): boolean {
    return this.#revisions.has(name);
  }

  hasRoomFor(group: T): boolean {
    if (this.groups.length === 0) return true;
    if (this.groups.length >= this.#maxGroups) return false;
    const { name, item } = group;
    const isOther =
      name !== null &&
      this.holds(name) &&
      this.#revisions.get(name) !== item.revision;
    return !isOther && !this.#isTooMuch(group);
  }

  add(group: T): void {
    const { name, item } = group;
    this.groups.push(group);
    for (const record of group.records) {
      const bytes = this.#bytesWith(record);
      this.#bytes.set(record.topic, bytes);
      this.#isOverfull ||= bytes > MAX_BYTES_PER_TOPIC;
    }
    if (name !== null) this.#revisions.set(name, item.revision);
  }

  #isTooMuch({ records }: T): boolean {
    return (
      this.#isOverfull ||
      records.some((record) => this.#bytesWith(record) > MAX_BYTES_PER_TOPIC)
    );
  }

  #bytesWith(record: KafkaRecord): number {
    return (this.#bytes.get(record.topic) ?? 0) + sizeOf(record);
  }
}

/** Cuts record groups, in their order, into what one write may hold. */
export function* writeBatches<T extends RecordGroup>(
  groups: readonly T[],
): Generator<readonly T[]> {
  let batch = new WriteBatch<T>();
  for (const group of groups) {
    if (!batch.hasRoomFor(group)) {
      yield batch.groups;
      batch = new WriteBatch();
    }
    batch.add(group);
  }
  if (batch.groups.length > 0) yield batch.groups;
}

/** A text that identifies a record in its topic. */
export function recordName(
  { type, recordKey }: Pick<Change, "type" | "recordKey">,
  topic: string,
): string {
  return `${topic}\n${type}\n${recordKey}`;
}

/** Bytes of a group's records, uncompressed. */
export function bytesOf({ records }: Pick<RecordGroup, "records">): number {
  return records.reduce((sum, record) => sum + sizeOf(record), 0);
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  let bytes =
    RECORD_OVERHEAD_BYTES + Buffer.byteLength(key) + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
