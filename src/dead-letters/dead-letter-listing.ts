import type { Kafka } from "../kafka/client/kafkajs.ts";
import { partitionOf } from "../kafka/client/partition-of.ts";
import { loadRanges, readRanges } from "../kafka/read/read-ranges.ts";
import type { StoredRecord } from "../kafka/read/partition-reader.ts";
import type { Clock } from "../lib/clock.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { DeadLetterReader } from "./dead-letter-reader.ts";
import type { Dismissal, ReplayMark } from "./markers.ts";

/**
 * The fate of a dead letter. `incomplete`: chunks of an attempt that was broken off; they
 * make no dead letter.
 */
export type DeadLetterState =
  "waiting" | "replayed" | "dismissed" | "incomplete";

/** A dead letter, and what has become of it. */
export interface ListedDeadLetter extends DeadLetter {
  readonly state: DeadLetterState;
  readonly replay: ReplayMark | null;
  readonly dismissal: Dismissal | null;
}

export interface DeadLetterTopic {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly deadLetterTopic: string;
  /** Reads the dead letters of one key alone, all of which lie in one partition. */
  readonly onlyKey?: string;
}

/** Which dead letters to keep. */
export interface Keeping {
  readonly wants: (deadLetter: DeadLetter) => boolean;
  /** Whether to keep one that was replayed or dismissed. */
  readonly keepsSettled: (
    deadLetter: DeadLetter,
    state: "replayed" | "dismissed",
  ) => boolean;
  /** Keeps Sell's items too, and in all no more bytes than these; null keeps none. */
  readonly mostBytes: number | null;
}

export interface DeadLetterListing {
  /** Oldest first. */
  readonly deadLetters: readonly ListedDeadLetter[];
  /** Sell's items of the dead letters, by their ids. */
  readonly items: ReadonlyMap<string, Buffer>;
  /** Whether dead letters were left out, as there were too many bytes of them. */
  readonly isCut: boolean;
  /** How many wanted ones were not kept, for they were settled before. */
  readonly settled: { readonly replayed: number; readonly dismissed: number };
}

/** About what a dead letter takes beside its item. */
const OVERHEAD_BYTES = 1_000;

const EVERYTHING: Keeping = {
  wants: () => true,
  keepsSettled: () => true,
  mostBytes: null,
};

/** Reads the dead-letter topic up to now, and keeps some of it. Empty when there is no such topic. */
export async function listDeadLetters(
  topic: DeadLetterTopic,
  signal: AbortSignal,
  keeping: Keeping = EVERYTHING,
): Promise<DeadLetterListing> {
  const kept = new KeptDeadLetters(keeping, topic.onlyKey ?? null);
  const joinsItems = keeping.mostBytes !== null;
  const reader = new DeadLetterReader(kept, { joinsItems });
  await readDeadLetterTopic(
    topic,
    (records) => {
      for (const record of records) reader.read(record);
    },
    signal,
  );
  return kept.listing(reader.incomplete);
}

/** Reads every record of the dead-letter topic, each partition in its order. */
export async function readDeadLetterTopic(
  topic: DeadLetterTopic,
  take: (records: readonly StoredRecord[]) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { deadLetterTopic, onlyKey } = topic;
  const isWanted = (name: string) => name === deadLetterTopic;
  const partitions = await loadRanges(topic, isWanted, signal);
  const own = partitions.filter(
    ({ partition }) =>
      onlyKey === undefined ||
      partition === partitionOf(onlyKey, partitions.length),
  );
  await readRanges(topic, own, take, signal);
}

class KeptDeadLetters {
  readonly #keeping: Keeping;
  readonly #onlyKey: string | null;
  readonly #deadLetters = new Map<string, ListedDeadLetter>();
  readonly #items = new Map<string, Buffer>();
  readonly #settled = { replayed: 0, dismissed: 0 };
  #bytes = 0;
  #isCut = false;

  constructor(keeping: Keeping, onlyKey: string | null) {
    this.#keeping = keeping;
    this.#onlyKey = onlyKey;
  }

  arrived(deadLetter: DeadLetter, item: Buffer): void {
    if (!this.#wants(deadLetter)) return;
    const { mostBytes } = this.#keeping;
    if (mostBytes !== null) {
      const bytes = item.length + OVERHEAD_BYTES;
      if (this.#items.size > 0 && this.#bytes + bytes > mostBytes) {
        this.#isCut = true;
        return;
      }
      this.#bytes += bytes;
      this.#items.set(deadLetter.id, Buffer.from(item));
    }
    this.#deadLetters.set(deadLetter.id, {
      ...deadLetter,
      state: "waiting",
      replay: null,
      dismissal: null,
    });
  }

  replayed(id: string, replay: ReplayMark): void {
    this.#settle(id, { state: "replayed", replay });
  }

  dismissed(id: string, dismissal: Dismissal): void {
    if (this.#deadLetters.get(id)?.state === "replayed") return;
    this.#settle(id, { state: "dismissed", dismissal });
  }

  listing(incomplete: readonly DeadLetter[]): DeadLetterListing {
    const parts = incomplete
      .filter((one) => this.#wants(one))
      .map((one): ListedDeadLetter => {
        return { ...one, state: "incomplete", replay: null, dismissal: null };
      });
    return {
      deadLetters: [...this.#deadLetters.values(), ...parts].sort(byTime),
      items: this.#items,
      isCut: this.#isCut,
      settled: this.#settled,
    };
  }

  #wants(deadLetter: DeadLetter): boolean {
    const isOfKey = this.#onlyKey === null || deadLetter.key === this.#onlyKey;
    return isOfKey && this.#keeping.wants(deadLetter);
  }

  #settle(
    id: string,
    became: Partial<ListedDeadLetter> & { state: "replayed" | "dismissed" },
  ): void {
    const known = this.#deadLetters.get(id);
    if (known === undefined) return;
    if (this.#keeping.keepsSettled(known, became.state)) {
      this.#deadLetters.set(id, { ...known, ...became });
      return;
    }
    this.#settled[became.state]++;
    this.#deadLetters.delete(id);
    this.#bytes -= (this.#items.get(id)?.length ?? 0) + OVERHEAD_BYTES;
    this.#items.delete(id);
  }
}

function byTime(a: DeadLetter, b: DeadLetter): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}
