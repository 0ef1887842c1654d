import { randomUUID } from "node:crypto";
import { sellHeaders } from "../format/headers.ts";
import type { Item } from "../pipeline/change.ts";
import type { RecordFault } from "../pipeline/faults.ts";
import type { KafkaRecord } from "./producer.ts";

export interface DeadLetter {
  readonly item: Item;
  readonly fault: RecordFault;
  readonly key: string;
  /** Where it was meant to go; null when no topic could be found for it. */
  readonly originalTopic: string | null;
}

/** An item as it lies in the dead-letter topic: Sell's own bytes, and what was wrong with it. */
export function deadLetterRecord(
  { item, fault, key, originalTopic }: DeadLetter,
  topic: string,
  connectorName: string,
): KafkaRecord {
  return {
    topic,
    key,
    value: item.item,
    headers: {
      ...sellHeaders(item, connectorName),
      "error.stage": fault.stage,
      "error.class":
        fault.cause instanceof Error ? fault.cause.name : fault.name,
      "error.message": fault.message.slice(0, 1_000),
      "error.connector": connectorName,
      ...(originalTopic !== null && { "original.topic": originalTopic }),
    },
  };
}

/**
 * Cuts a record that is too large for any topic into numbered chunks. Chunks of one attempt
 * share `chunk.set`, so that those of a broken-off attempt are told apart.
 */
export function chunksOf(
  record: KafkaRecord,
  chunkBytes: number,
): KafkaRecord[] {
  const value = record.value ?? Buffer.alloc(0);
  const count = Math.max(1, Math.ceil(value.length / chunkBytes));
  const set = randomUUID();
  return Array.from({ length: count }, (_, index) => ({
    ...record,
    value: value.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    headers: {
      ...record.headers,
      "chunk.set": set,
      "chunk.index": String(index),
      "chunk.count": String(count),
    },
  }));
}
