import type { Change, Item } from "../domain/change.ts";
import type { Fingerprint } from "../lib/fingerprints.ts";
import type { Fate } from "../domain/settled.ts";
import type { KafkaRecord } from "../kafka/write/producer.ts";

/** An item with the records that stand for it: all of them are durable, or none counts. */
export interface Parcel {
  readonly item: Item;
  /** What tells the item's record from all others; null when it is of none. */
  readonly name: string | null;
  /** Of the name; null for a dead letter, which is no state of the record. */
  readonly print: Fingerprint | null;
  readonly fate: Fate;
  readonly topic: string;
  readonly records: readonly KafkaRecord[];
}

/**
 * One `sendBatch` makes one record batch per partition, and a broker takes 1 MiB of it by
 * default. Bytes are counted per topic, which is never less than per partition.
 */
const MAX_WRITE_BYTES_PER_TOPIC = 900_000;
const RECORD_OVERHEAD_BYTES = 70;

/**
 * Cuts parcels, in their order, into what one write may hold of each topic. No write holds two
 * revisions of one record: repeated whole, it would put the older one behind the newer.
 */
export function* loads(
  parcels: readonly Parcel[],
): Generator<readonly Parcel[]> {
  let load: Parcel[] = [];
  let bytes = new Map<string, number>();
  let revisions = new Map<string | null, Item["revision"]>();
  for (const parcel of parcels) {
    const { name, item } = parcel;
    const revision = revisions.get(name) ?? item.revision;
    const isOther = revision !== item.revision;
    if (load.length > 0 && (isOther || isTooMuch(parcel, bytes))) {
      yield load;
      load = [];
      bytes = new Map();
      revisions = new Map();
    }
    load.push(parcel);
    for (const record of parcel.records)
      bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + sizeOf(record));
    if (name !== null) revisions.set(name, item.revision);
  }
  if (load.length > 0) yield load;
}

/** A record of a topic, apart from all others. */
export function recordName(
  { type, recordKey }: Pick<Change, "type" | "recordKey">,
  topic: string,
): string {
  return `${topic}\n${type}\n${recordKey}`;
}

function isTooMuch(
  { records }: Parcel,
  bytes: ReadonlyMap<string, number>,
): boolean {
  // What is too large alone may be refused, and then what is with it is written again.
  for (const written of bytes.values())
    if (written > MAX_WRITE_BYTES_PER_TOPIC) return true;
  return records.some(
    (record) =>
      (bytes.get(record.topic) ?? 0) + sizeOf(record) >
      MAX_WRITE_BYTES_PER_TOPIC,
  );
}

/** Of the records of a parcel, uncompressed. */
export function bytesOf({ records }: Parcel): number {
  return records.reduce((sum, record) => sum + sizeOf(record), 0);
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  let bytes =
    RECORD_OVERHEAD_BYTES + Buffer.byteLength(key) + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
