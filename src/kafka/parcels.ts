import type { Change } from "../pipeline/change.ts";
import type { Fingerprint } from "../pipeline/fingerprints.ts";
import type { Fate } from "../pipeline/settled.ts";
import type { KafkaRecord } from "./producer.ts";

/** A change with the records that stand for it: all of them are durable, or none counts. */
export interface Parcel {
  readonly change: Change;
  /** What tells the change's record from all others. */
  readonly name: string;
  readonly print: Fingerprint;
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
  let revisions = new Map<string, Change["revision"]>();
  for (const parcel of parcels) {
    const { name } = parcel;
    const revision = revisions.get(name) ?? parcel.change.revision;
    const isOther = revision !== parcel.change.revision;
    if (load.length > 0 && (isOther || isTooMuch(parcel, bytes))) {
      yield load;
      load = [];
      bytes = new Map();
      revisions = new Map();
    }
    load.push(parcel);
    for (const record of parcel.records)
      bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + sizeOf(record));
    revisions.set(name, parcel.change.revision);
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
  return records.some(
    (record) =>
      (bytes.get(record.topic) ?? 0) + sizeOf(record) >
      MAX_WRITE_BYTES_PER_TOPIC,
  );
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
