import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { idOf, letterOf, type Letter } from "./letter.ts";

/** Chunks that make no whole letter: an attempt that was broken off left them. */
export interface BrokenSet {
  readonly letter: Letter;
  readonly found: number;
  readonly count: number;
}

interface ChunkSet {
  readonly first: StoredRecord;
  readonly count: number;
  readonly parts: Map<number, StoredRecord>;
}

/**
 * Puts letters together that were too large for one record. The chunks of a set lie in one
 * partition; the same chunk may lie there twice, when its first write got no answer.
 */
export class Chunks {
  readonly #sets = new Map<string, ChunkSet>();
  readonly #complete = new Set<string>();

  /** The whole letter, once its last missing chunk has come. */
  add(record: StoredRecord): { letter: Letter; item: Buffer } | null {
    const id = headerOf(record, "chunk.set") ?? "";
    if (this.#complete.has(id)) return null;
    const index = Number(headerOf(record, "chunk.index"));
    const count = Number(headerOf(record, "chunk.count"));
    const set: ChunkSet = this.#sets.get(id) ?? {
      first: record,
      count,
      parts: new Map(),
    };
    this.#sets.set(id, set);
    if (!set.parts.has(index)) set.parts.set(index, record);
    if (set.parts.size < set.count) return null;
    this.#sets.delete(id);
    this.#complete.add(id);
    const parts = Array.from({ length: set.count }, (_, n) => set.parts.get(n));
    const item = Buffer.concat(parts.flatMap((part) => part?.value ?? []));
    const first = parts[0] ?? set.first;
    const size = { bytes: item.length, chunks: set.count };
    return { letter: letterOf(first, size), item };
  }

  /** Sets that nothing more has come for, so far. */
  get broken(): BrokenSet[] {
    return [...this.#sets.values()].map(brokenOf);
  }
}

function brokenOf({ first, count, parts }: ChunkSet): BrokenSet {
  const values = [...parts.values()].map(({ value }) => value?.length ?? 0);
  const bytes = values.reduce((sum, length) => sum + length, 0);
  const letter = letterOf(first, { bytes, chunks: parts.size });
  return { letter: { ...letter, id: idOf(first) }, found: parts.size, count };
}
