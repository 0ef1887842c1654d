import { randomUUID } from "node:crypto";
import { sellHeaders } from "../format/headers.ts";
import type { Item } from "../domain/change.ts";
import type { RecordFault } from "../domain/faults.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import { deadLetterKey } from "./topics/record-key.ts";
import type { Router } from "./topics/router.ts";

/** Headers of dead-letter records, beside those that every record carries. */
export const deadLetterHeaders = {
  stage: "error.stage",
  class: "error.class",
  message: "error.message",
  connector: "error.connector",
  /** The topic that the item was meant for. */
  originalTopic: "original.topic",
  /** Chunks of one attempt share a set, so that those of a broken-off attempt are told apart. */
  chunkSet: "chunk.set",
  chunkIndex: "chunk.index",
  chunkCount: "chunk.count",
} as const;

export interface DeadLetterOptions {
  readonly router: Router;
  readonly connectorName: string;
  readonly deadLetterTopic: string;
  /** Headers of each record of the publication under way, besides its own. */
  readonly batchHeaders?: () => Readonly<Record<string, string>>;
}

/** An item as it lies in the dead-letter topic: Sell's own bytes, and why it is no record. */
export function deadLetterRecord(
  item: Item,
  fault: RecordFault,
  options: DeadLetterOptions,
): KafkaRecord {
  const { router, connectorName, deadLetterTopic, batchHeaders } = options;
  const names = deadLetterHeaders;
  const headers = sellHeaders(item, connectorName, {
    [names.stage]: fault.stage,
    [names.class]: fault.cause instanceof Error ? fault.cause.name : fault.name,
    [names.message]: fault.message,
    [names.connector]: connectorName,
    ...(item.type !== null && {
      [names.originalTopic]: router.topicFor(item.type),
    }),
  });
  return {
    topic: deadLetterTopic,
    key: keyOf(item, router),
    value: item.item,
    headers: { ...headers, ...batchHeaders?.() },
  };
}

/** The key of the item's record, where the item tells its type and record. */
function keyOf({ type, recordKey }: Item, router: Router): string {
  const key =
    type === null || recordKey === null
      ? `${type ?? "-"}:-`
      : router.keyFor(type, recordKey);
  return deadLetterKey(key);
}

const LARGEST_CHUNK_BYTES = 512 * 1024;
export const SMALLEST_CHUNK_BYTES = 1024;

/** Sizes of chunks to try for a record that is refused whole, each half of the one before. */
export function* chunkSizes({ value }: KafkaRecord): Generator<number> {
  for (
    let bytes = LARGEST_CHUNK_BYTES;
    bytes >= SMALLEST_CHUNK_BYTES;
    bytes /= 2
  )
    if (bytes < (value?.length ?? 0) || bytes === SMALLEST_CHUNK_BYTES)
      yield bytes;
}

/** Cuts a dead-letter record that is too large for its topic into numbered chunks. */
export function chunksOf(
  record: KafkaRecord,
  chunkBytes: number,
): KafkaRecord[] {
  const value = record.value ?? Buffer.alloc(0);
  const count = Math.max(1, Math.ceil(value.length / chunkBytes));
  const set = randomUUID();
  const names = deadLetterHeaders;
  return Array.from({ length: count }, (_, index) => ({
    ...record,
    value: value.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    headers: {
      ...record.headers,
      [names.chunkSet]: set,
      [names.chunkIndex]: String(index),
      [names.chunkCount]: String(count),
    },
  }));
}
