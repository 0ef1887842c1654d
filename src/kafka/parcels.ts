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
    const { topic, change } = parcel;
    const sum = (bytes.get(topic) ?? 0) + parcel.bytes;
    const name = recordName(change, topic);
    const revision = revisions.get(name) ?? change.revision;
    const isFull = sum > MAX_WRITE_BYTES_PER_TOPIC;
    if ((isFull || revision !== change.revision) && load.length > 0) {
      yield load;
      load = [];
      bytes = new Map();
      revisions = new Map();
    }
    load.push(parcel);
    bytes.set(topic, (bytes.get(topic) ?? 0) + parcel.bytes);
    revisions.set(name, change.revision);
  }
  if (load.length > 0) yield load;
}

/** A record of a topic, apart from all others. */
export function recordName(change: Change, topic: string): string {
  return `${topic}\n${change.type}\n${change.recordKey}`;
}

function sizeOf(key: string, { value, headers }: Payload): number {
  let bytes = RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
