import { randomUUID } from "node:crypto";
import { sellHeaders } from "../format/headers.ts";
import type { Item } from "../pipeline/change.ts";
import type { RecordFault } from "../pipeline/faults.ts";
import type { Outcome } from "../pipeline/settled.ts";
import {
  writePatiently,
  type PatienceOptions,
  type Refused,
} from "./patience.ts";
import type { Settling } from "./journal.ts";
import type { KafkaRecord } from "./producer.ts";
import type { Router } from "./route.ts";
import type { Topics } from "./topics.ts";

const LARGEST_CHUNK_BYTES = 512 * 1024;
const SMALLEST_CHUNK_BYTES = 1024;

export interface DeadLetter {
  readonly item: Item;
  readonly fault: RecordFault;
  readonly key: string;
  /** Where it was meant to go; null when it names no type. */
  readonly originalTopic: string | null;
}

export interface DeadLettersOptions extends PatienceOptions {
  /** Records that are written together with those of the item. */
  readonly entriesFor: (item: Item, fate: Settling) => readonly KafkaRecord[];
  readonly topics: Pick<Topics, "prepare" | "refused">;
  readonly connectorName: string;
  readonly deadLetterTopic: string;
  /** What each record of the publication under way carries besides its own headers. */
  readonly batchHeaders?: () => Readonly<Record<string, string>>;
}

/** Where items go whose records are themselves at fault. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Writes an item to the dead-letter topic, in ever smaller chunks while that is what it takes. */
  async bury(letter: DeadLetter, signal: AbortSignal): Promise<Outcome> {
    const { deadLetterTopic, topics } = this.#options;
    const { item, fault } = letter;
    const notReady = await topics.prepare([deadLetterTopic], signal);
    const why = notReady.get(deadLetterTopic);
    if (why !== undefined) return deferred(item, why);
    const record = deadLetterRecord(letter, this.#options);
    const entries = this.#options.entriesFor(item, "dead-lettered");
    let refused = await this.#write([[record, ...entries]], signal);
    let chunkBytes = LARGEST_CHUNK_BYTES;
    while (
      refused?.refusal === "record" &&
      chunkBytes >= SMALLEST_CHUNK_BYTES
    ) {
      const chunks = chunksOf(record, chunkBytes).map((chunk) => [chunk]);
      refused = await this.#write(
        entries.length > 0 ? [...chunks, entries] : chunks,
        signal,
      );
      chunkBytes /= 2;
    }
    if (refused !== null) {
      const { cause } = refused;
      const stands = await topics.refused(deadLetterTopic, cause, signal);
      if (stands !== null) return deferred(item, stands);
      this.#options.retrying("publish", cause, 1);
      return this.bury(letter, signal);
    }
    const { stage, message: reason } = fault;
    return { item, fate: { kind: "dead-lettered", stage, reason } };
  }

  #write(
    batches: readonly (readonly KafkaRecord[])[],
    signal: AbortSignal,
  ): Promise<Refused | null> {
    return writePatiently(this.#options, batches, signal);
  }
}

/** The key of an item's dead letter: that of its record, where the item tells its type and record. */
export function letterKey(item: Item, router: Router): string {
  const { type, recordKey } = item;
  return type === null || recordKey === null
    ? `${type ?? "-"}:-`
    : router.key(type, recordKey);
}

/** Left to a later session. */
export function deferred(item: Item, fault: Error): Outcome {
  return { item, fate: { kind: "deferred", reason: fault.message } };
}

/** An item as it lies in the dead-letter topic: Sell's own bytes, and what was wrong with it. */
function deadLetterRecord(
  { item, fault, key, originalTopic }: DeadLetter,
  { deadLetterTopic, connectorName, batchHeaders }: DeadLettersOptions,
): KafkaRecord {
  return {
    topic: deadLetterTopic,
    key,
    value: item.item,
    headers: {
      ...deadLetterHeaders({ item, fault, originalTopic }, connectorName),
      ...batchHeaders?.(),
    },
  };
}

export function deadLetterHeaders(
  { item, fault, originalTopic }: Omit<DeadLetter, "key">,
  connectorName: string,
): Record<string, string> {
  return {
    ...sellHeaders(item, connectorName),
    "error.stage": fault.stage,
    "error.class": fault.cause instanceof Error ? fault.cause.name : fault.name,
    "error.message": fault.message.slice(0, 1_000),
    "error.connector": connectorName,
    ...(originalTopic !== null && { "original.topic": originalTopic }),
  };
}

/**
 * Cuts a record that is too large for any topic into numbered chunks. Chunks of one attempt
 * share `chunk.set`, so that those of a broken-off attempt are told apart.
 */
function chunksOf(record: KafkaRecord, chunkBytes: number): KafkaRecord[] {
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
