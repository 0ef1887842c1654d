import { setTimeout as delay } from "node:timers/promises";

/** A record that a consumer has read, or that was printed. */
export interface ReadRecord {
  readonly topic: string;
  /** Where the record is, such as `sell.deal[0]@17`. */
  readonly place: string;
  readonly key: string;
  /** The value's text; null for a tombstone. */
  readonly text: string | null;
  readonly ackKey: string;
}

/** Counts of what was read so far. */
export interface ReadSoFar {
  /** Distinct changes, by their acknowledgement keys. */
  readonly changes: number;
  /** Keys whose newest change is no deletion. */
  readonly live: number;
}

/** Counts the records that were read. */
export class Tally {
  readonly #ackKeys = new Set<string>();
  readonly #live = new Set<string>();

  get changes(): number {
    return this.#ackKeys.size;
  }

  add(record: ReadRecord): void {
    const { topic, key, text, ackKey } = record;
    this.#ackKeys.add(ackKey);
    const name = `${topic} ${key}`;
    if (operationOf(text) === "deleted" || text === null)
      this.#live.delete(name);
    else this.#live.add(name);
  }

  /** Waits until that many distinct changes were read, or until the signal. */
  async upTo(changes: number, signal: AbortSignal): Promise<ReadSoFar> {
    while (!signal.aborted && this.changes < changes) await delay(50);
    return { changes: this.changes, live: this.#live.size };
  }
}

export type Operation = "created" | "updated" | "deleted" | "tombstone";

const operations = { c: "created", u: "updated", d: "deleted" } as const;

/** The fields of a change that the value of a record tells. */
export function operationOf(text: string | null): Operation {
  if (text === null) return "tombstone";
  const { op } = JSON.parse(text) as { op: keyof typeof operations };
  return operations[op];
}
