import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { deadLetterHeaders as names } from "../publish/dead-letter-records.ts";
import { kindOf, parseDeadLetter, type DeadLetter } from "./dead-letter.ts";
import {
  parseDismissalMarker,
  parseReplayMarker,
  type Dismissal,
  type ReplayMark,
} from "./markers.ts";

export interface DeadLetterListener {
  /** A whole dead letter, with Sell's item byte for byte. */
  arrived(deadLetter: DeadLetter, item: Buffer): void;
  /** The dead letter of that id was replayed. */
  replayed(id: string, mark: ReplayMark): void;
  /** The dead letter of that id was dismissed. A replayed one stays replayed. */
  dismissed(id: string, dismissal: Dismissal): void;
}

interface ChunkSet {
  first: StoredRecord;
  readonly count: number;
  readonly parts: Map<number, StoredRecord["value"]>;
  bytes: number;
}

/**
 * Reads the records of a dead-letter topic, in the order of each partition, and joins chunks.
 * Chunks of a set lie in one partition; the same chunk may lie there twice, when its first write
 * got no answer. Keeps no items but those of sets that are not complete, and these only if asked to.
 */
export class DeadLetterReader {
  readonly #listener: DeadLetterListener;
  readonly #joinsItems: boolean;
  readonly #sets = new Map<string, ChunkSet>();
  readonly #complete = new Set<string>();

  /** Without `joinsItems`, items of more than one chunk arrive empty. */
  constructor(listener: DeadLetterListener, { joinsItems = true } = {}) {
    this.#listener = listener;
    this.#joinsItems = joinsItems;
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
        const { id, ...mark } = parseReplayMarker(record);
        this.#listener.replayed(id, mark);
        break;
      }
      case "dismissal marker": {
        const { id, ...dismissal } = parseDismissalMarker(record);
        this.#listener.dismissed(id, dismissal);
        break;
      }
      case "other":
        break;
    }
  }

  /** Dead letters of which chunks are missing so far: attempts that were broken off leave them. */
  get incomplete(): DeadLetter[] {
    return [...this.#sets.values()].map(({ first, parts, bytes }) =>
      parseDeadLetter(first, { bytes, chunks: parts.size }),
    );
  }

  #readChunk(record: StoredRecord): void {
    const id = headerOf(record, names.chunkSet) ?? "";
    if (this.#complete.has(id)) return;
    const index = Number(headerOf(record, names.chunkIndex));
    const count = Number(headerOf(record, names.chunkCount));
    const set: ChunkSet = this.#sets.get(id) ?? {
      first: { ...record, value: null },
      count,
      parts: new Map(),
      bytes: 0,
    };
    this.#sets.set(id, set);
    if (index === 0) set.first = { ...record, value: null };
    if (!set.parts.has(index)) {
      set.parts.set(index, this.#joinsItems ? record.value : null);
      set.bytes += record.value?.length ?? 0;
    }
    if (set.parts.size < set.count) return;
    this.#sets.delete(id);
    this.#complete.add(id);
    const parts = Array.from({ length: set.count }, (_, n) => set.parts.get(n));
    const item = Buffer.concat(parts.flatMap((part) => part ?? []));
    const size = { bytes: set.bytes, chunks: set.count };
    this.#listener.arrived(parseDeadLetter(set.first, size), item);
  }
}
