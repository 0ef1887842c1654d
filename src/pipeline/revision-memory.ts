import { Fingerprints, type Fingerprint } from "./fingerprints.ts";

interface Generation {
  readonly prints: Fingerprints;
  readonly revisions: Float64Array;
  readonly sessions: Uint32Array;
}

/**
 * Remembers the highest revision that was published for each record, and in which session.
 *
 * Two generations of fixed size: when the young one is full, it becomes the old one and what
 * was old is forgotten. 28 bytes a slot at a fill of at most 7/8, so 32 bytes a key; at least
 * the last 114,688 records are remembered, in 7.3 MB.
 */
export class RevisionMemory {
  readonly #capacity: number;
  #young: Generation;
  #old: Generation;

  constructor(capacity = 1 << 17) {
    this.#capacity = capacity;
    this.#young = this.#generation();
    this.#old = this.#generation();
  }

  /** The highest published revision and its session's number; null when there is none, or it is forgotten. */
  recall(record: Fingerprint): { revision: number; session: number } | null {
    for (const generation of [this.#young, this.#old]) {
      const slot = generation.prints.find(record);
      const revision = generation.revisions[slot];
      const session = generation.sessions[slot];
      if (revision !== undefined && session !== undefined)
        return { revision, session };
    }
    return null;
  }

  /** Notes a confirmed revision. A lower one than is known changes nothing. */
  note(record: Fingerprint, revision: number | bigint, session: number): void {
    const known = this.recall(record);
    if (known !== null && known.revision > revision) return;
    if (this.#young.prints.isFull) {
      this.#old = this.#young;
      this.#young = this.#generation();
    }
    const { slot } = this.#young.prints.add(record);
    this.#young.revisions[slot] = notAbove(revision);
    this.#young.sessions[slot] = session;
  }

  #generation(): Generation {
    return {
      prints: new Fingerprints(this.#capacity),
      revisions: new Float64Array(this.#capacity),
      sessions: new Uint32Array(this.#capacity),
    };
  }
}

/** The greatest double not above the revision: a rounded-up one would supersede its own equal. */
function notAbove(revision: number | bigint): number {
  const rounded = Number(revision);
  return rounded > revision
    ? rounded - 2 ** (Math.floor(Math.log2(rounded)) - 52)
    : rounded;
}
