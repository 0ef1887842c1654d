import type { Change } from "../pipeline/change.ts";
import type { Fate } from "../pipeline/settled.ts";
import type { KafkaRecord } from "./producer.ts";

/** A change with the records that stand for it: all of them are durable, or none counts. */
export interface Parcel {
  readonly change: Change;
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

/** Cuts parcels, in their order, into what one write may hold of each topic. */
export function* loads(
  parcels: readonly Parcel[],
): Generator<readonly Parcel[]> {
  let load: Parcel[] = [];
  let bytes = new Map<string, number>();
  for (const parcel of parcels) {
    if (load.length > 0 && isTooMuch(parcel, bytes)) {
      yield load;
      load = [];
      bytes = new Map();
    }
    load.push(parcel);
    for (const record of parcel.records)
      bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + sizeOf(record));
  }
  if (load.length > 0) yield load;
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
