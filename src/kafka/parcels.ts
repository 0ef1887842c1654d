import type { Payload } from "../format/encoder.ts";
import type { Change } from "../pipeline/change.ts";
import type { KafkaRecord } from "./producer.ts";

/** A change with the records that stand for it: all of them are durable, or none counts. */
export interface Parcel {
  readonly change: Change;
  readonly topic: string;
  readonly records: readonly KafkaRecord[];
  readonly bytes: number;
}

/**
 * One `sendBatch` makes one record batch per partition, and a broker takes 1 MiB of it by
 * default. Bytes are counted per topic, which is never less than per partition.
 */
const MAX_WRITE_BYTES_PER_TOPIC = 900_000;
const RECORD_OVERHEAD_BYTES = 70;

export function parcelOf(
  change: Change,
  topic: string,
  key: string,
  payloads: readonly Payload[],
): Parcel {
  return {
    change,
    topic,
    records: payloads.map((payload) => ({ topic, key, ...payload })),
    bytes: payloads.reduce((sum, payload) => sum + sizeOf(key, payload), 0),
  };
}

/** Cuts parcels, in their order, into what one write may hold of each topic. */
export function* loads(
  parcels: readonly Parcel[],
): Generator<readonly Parcel[]> {
  let load: Parcel[] = [];
  let bytes = new Map<string, number>();
  for (const parcel of parcels) {
    const sum = (bytes.get(parcel.topic) ?? 0) + parcel.bytes;
    if (sum > MAX_WRITE_BYTES_PER_TOPIC && load.length > 0) {
      yield load;
      load = [];
      bytes = new Map();
    }
    load.push(parcel);
    bytes.set(parcel.topic, (bytes.get(parcel.topic) ?? 0) + parcel.bytes);
  }
  if (load.length > 0) yield load;
}

function sizeOf(key: string, { value, headers }: Payload): number {
  let bytes = RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
