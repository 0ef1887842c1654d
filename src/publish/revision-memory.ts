import { Fingerprints, type Fingerprint } from "../lib/fingerprints.ts";

/** The session number of a revision that was not written in the present session: it supersedes nothing, and defers what is older. */
export const OTHER_SESSION = 0;

interface Generation {
  readonly prints: Fingerprints;
  readonly revisions: Float64Array;
  readonly sessions: Uint32Array;
}

/** A fingerprint of 16 bytes, 8 of the revision, and 4 of the session. */
const SLOT_BYTES = 28;

/** A small account needs little: many of them may share a process. */
const SMALLEST = 1 << 10;

/**
 * Remembers the highest revision that was published for each record, and in which session.
 *
 * Two generations: when the young one is full at its largest, it becomes the old one and what
 * was old is forgotten. 28 bytes a slot, in sets that double as they fill; at least the last
 * 114,688 records are remembered, in 7.3 MB, which is 32 bytes a key.
 */
export class RevisionMemory {
  readonly #largest: number;
  #young: Generation;
  #old: Generation | null = null;

  /** `largest` is the most slots of a generation, a power of two. */
  constructor(largest = 1 << 17) {
    this.#largest = largest;
    this.#young = generationOf(Math.min(SMALLEST, largest));
  }

  /** What the memory takes, in bytes. */
  get bytes(): number {
    const slots =
      this.#young.prints.capacity + (this.#old?.prints.capacity ?? 0);
    return slots * SLOT_BYTES;
  }

  /** The highest published revision and its session's number; null when there is none, or it is forgotten. */
  recall(record: Fingerprint): { revision: number; session: number } | null {
    for (const generation of [this.#young, this.#old]) {
      if (generation === null) break;
      const slot = generation.prints.find(record);
      const revision = generation.revisions[slot];
      const session = generation.sessions[slot];
      if (revision !== undefined && session !== undefined)
        return { revision, session };
    }
    return null;
  }

  /** Notes a revision that was written. A lower one than is known changes nothing. */
  note(record: Fingerprint, revision: number | bigint, session: number): void {
    const known = this.recall(record);
    if (known !== null && known.revision > revision) return;
    if (this.#young.prints.isFull) this.#makeRoom();
    const { slot } = this.#young.prints.add(record);
    this.#young.revisions[slot] = notAbove(revision);
    this.#young.sessions[slot] = session;
  }

  #makeRoom(): void {
    const { capacity } = this.#young.prints;
    if (capacity < this.#largest) {
      this.#young = grown(this.#young);
    } else {
      // The memory of what is forgotten is used again: a new one would stay beside it for a while.
      const forgotten = this.#old ?? generationOf(capacity);
      forgotten.prints.clear();
      this.#old = this.#young;
      this.#young = forgotten;
    }
  }
}

function generationOf(capacity: number): Generation {
  return {
    prints: new Fingerprints(capacity),
    revisions: new Float64Array(capacity),
    sessions: new Uint32Array(capacity),
  };
}

function grown(small: Generation): Generation {
  const large = generationOf(small.prints.capacity * 2);
  large.prints.addAll(small.prints, (from, to) => {
    large.revisions[to] = small.revisions[from] ?? 0;
    large.sessions[to] = small.sessions[from] ?? 0;
  });
  return large;
}

/** The greatest double not above the revision: a rounded-up one would supersede its own equal. */
export function notAbove(revision: number | bigint): number {
  const rounded = Number(revision);
  return rounded > revision
    ? rounded - 2 ** (Math.floor(Math.log2(rounded)) - 52)
    : rounded;
}
