import { randomUUID } from "node:crypto";
import { sellHeaders } from "../format/headers.ts";
import type { Item } from "../domain/change.ts";
import { TypeFault, type RecordFault } from "../domain/faults.ts";
import type { Outcome } from "../domain/settled.ts";
import { reasonOf } from "../kafka/client/errors.ts";
import type { Settling } from "./exactly-once/journal.ts";
import type { NotReady } from "./topic-creation.ts";
import { recordName, type Parcel } from "./write-batches.ts";
import { writePatiently, type PatienceOptions } from "./retrying-write.ts";
import type { KafkaRecord } from "../kafka/write/producer.ts";
import { deadLetterKey } from "./record-key.ts";
import type { Router } from "./router.ts";
import type { Topics } from "./topics.ts";

const LARGEST_CHUNK_BYTES = 512 * 1024;
const SMALLEST_CHUNK_BYTES = 1024;

export interface DeadLetter {
  readonly item: Item;
  readonly fault: RecordFault;
  readonly key: string;
  /** Where it was meant to go; null when it names no type. */
  readonly originalTopic: string | null;
  /** As a parcel's. */
  readonly name: string | null;
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

  /** Why the dead-letter topic takes nothing for now; null when it does. */
  async notReady(signal: AbortSignal): Promise<NotReady | null> {
    const { deadLetterTopic, topics } = this.#options;
    const faults = await topics.prepare([deadLetterTopic], signal);
    return faults.get(deadLetterTopic) ?? null;
  }

  /** What is to be written of a letter, together with that of other items. */
  parcel(letter: DeadLetter): Parcel {
    const { item, fault, name } = letter;
    const { stage, message: reason } = fault;
    return {
      item,
      name,
      print: null,
      fate: { kind: "dead-lettered", stage, reason },
      topic: this.#options.deadLetterTopic,
      records: [
        deadLetterRecord(letter, this.#options),
        ...this.#options.entriesFor(item, "dead-lettered"),
      ],
    };
  }

  /** Writes a letter that the brokers refuse whole, in ever smaller chunks while that is what it takes. */
  async writeInChunks(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
    const { item, fate, topic, records } = parcel;
    const [record, ...entries] = records;
    if (record === undefined) return { item, fate };
    let chunkBytes = largestChunkOf(record);
    for (;;) {
      const chunks = chunksOf(record, chunkBytes).map((chunk) => [chunk]);
      const refused = await writePatiently(
        this.#options,
        entries.length > 0 ? [...chunks, entries] : chunks,
        signal,
      );
      if (refused === null) return { item, fate };
      const { refusal, cause } = refused;
      if (refusal === "topic") {
        const why = await this.#options.topics.refused(topic, cause, signal);
        if (why !== null) return deferred(item, why);
        this.#options.retrying("publish", cause, 1);
      } else if (chunkBytes > SMALLEST_CHUNK_BYTES) chunkBytes /= 2;
      else return deferred(item, tooSmall(topic, cause));
    }
  }
}

export function letterOf(
  item: Item,
  fault: RecordFault,
  router: Router,
): DeadLetter {
  const originalTopic = item.type === null ? null : router.nameOf(item.type);
  const isChange = item.kind === "change" && originalTopic !== null;
  return {
    item,
    fault,
    key: letterKey(item, router),
    originalTopic,
    name: isChange ? recordName(item, originalTopic) : null,
  };
}

/** The key of an item's dead letter: that of its record, where the item tells its type and record. */
export function letterKey(item: Item, router: Router): string {
  const { type, recordKey } = item;
  const key =
    type === null || recordKey === null
      ? `${type ?? "-"}:-`
      : router.key(type, recordKey);
  return deadLetterKey(key);
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
  { item, fault, originalTopic }: Omit<DeadLetter, "key" | "name">,
  connectorName: string,
): KafkaRecord["headers"] {
  return sellHeaders(item, connectorName, {
    "error.stage": fault.stage,
    "error.class": fault.cause instanceof Error ? fault.cause.name : fault.name,
    "error.message": fault.message,
    "error.connector": connectorName,
    ...(originalTopic !== null && { "original.topic": originalTopic }),
  });
}

/** The size to begin with: smaller than the record, which is known to be too large. */
function largestChunkOf({ value }: KafkaRecord): number {
  let bytes = LARGEST_CHUNK_BYTES;
  while (bytes > SMALLEST_CHUNK_BYTES && bytes >= (value?.length ?? 0))
    bytes /= 2;
  return bytes;
}

function tooSmall(topic: string, cause: unknown): TypeFault {
  return new TypeFault(
    `topic ${topic} takes no dead letters, not even in chunks of ${SMALLEST_CHUNK_BYTES} bytes: ${reasonOf(cause)}; raise its max.message.bytes`,
    { cause },
  );
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
