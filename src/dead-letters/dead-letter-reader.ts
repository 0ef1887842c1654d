import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { deadLetterHeaders as names } from "../publish/dead-letter-records.ts";
import { kindOf, parseDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { parseReplayMarker } from "./replay-marker.ts";

export interface DeadLetterListener {
  /** A whole dead letter, with Sell's item byte for byte. */
  arrived(deadLetter: DeadLetter, item: Buffer): void;
  /** The dead letter of that id was replayed. */
  replayed(id: string, time: string): void;
}

interface ChunkSet {
  readonly first: StoredRecord;
  readonly count: number;
  readonly parts: Map<number, StoredRecord>;
}

/**
 * Reads the records of a dead-letter topic, in the order of each partition, and joins chunks.
 * Chunks of a set lie in one partition; the same chunk may lie there twice, when its first write
 * got no answer. Keeps no items but those of sets that are not complete.
 */
export class DeadLetterReader {
  readonly #listener: DeadLetterListener;
  readonly #sets = new Map<string, ChunkSet>();
  readonly #complete = new Set<string>();

  constructor(listener: DeadLetterListener) {
    this.#listener = listener;
  }

  read(record: StoredRecord): void {
    switch (kindOf(record)) {
      case "whole": {
        const item = record.value ?? Buffer.alloc(0);
        const size = { bytes: item.length, chunks: 1 };
        this.#listener.arrived(parseDeadLetter(record, size), item);
        break;
      }
      case "chunk":
        this.#readChunk(record);
        break;
      case "replay marker": {
        const { id, time } = parseReplayMarker(record);
        this.#listener.replayed(id, time);
        break;
      }
      case "other":
        break;
    }
  }

  /** Dead letters of which chunks are missing so far: attempts that were broken off leave them. */
  get incomplete(): DeadLetter[] {
    return [...this.#sets.values()].map(({ first, parts }) => {
      const values = [...parts.values()].map(({ value }) => value?.length ?? 0);
      const bytes = values.reduce((sum, length) => sum + length, 0);
      return parseDeadLetter(first, { bytes, chunks: parts.size });
    });
  }

  #readChunk(record: StoredRecord): void {
    const id = headerOf(record, names.chunkSet) ?? "";
    if (this.#complete.has(id)) return;
    const index = Number(headerOf(record, names.chunkIndex));
    const count = Number(headerOf(record, names.chunkCount));
    const set: ChunkSet = this.#sets.get(id) ?? {
      first: record,
      count,
      parts: new Map(),
    };
    this.#sets.set(id, set);
    if (!set.parts.has(index)) set.parts.set(index, record);
    if (set.parts.size < set.count) return;
    this.#sets.delete(id);
    this.#complete.add(id);
    const parts = Array.from({ length: set.count }, (_, n) => set.parts.get(n));
    const item = Buffer.concat(parts.flatMap((part) => part?.value ?? []));
    const size = { bytes: item.length, chunks: set.count };
    this.#listener.arrived(parseDeadLetter(parts[0] ?? set.first, size), item);
  }
}
