import { readRanges } from "../kafka/read/read-ranges.ts";
import { parseDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { causeOf, type DeadLetterCause } from "./dead-letter-cause.ts";
import {
  DeadLetterIndex,
  type IndexedDeadLetter,
  type Settlement,
} from "./dead-letter-index.ts";
import {
  readDeadLetterTopic,
  type DeadLetterTopic,
} from "./dead-letter-listing.ts";
import { DeadLetterReader } from "./dead-letter-reader.ts";
import type { Dismissal } from "./markers.ts";

/** The dead letters of one cause that are waiting, or were dismissed. */
export interface DeadLetterGroup {
  /** Null for all beyond the causes that are told apart. */
  readonly cause: DeadLetterCause | null;
  /** How many of each type; null for items that named none. */
  readonly types: ReadonlyMap<string | null, number>;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The id of the first one. */
  readonly firstId: string;
  /** The last dismissal. */
  readonly dismissal: Dismissal | null;
}

/** The dead letters of a topic, read once and counted. */
export interface DeadLetterOverview {
  readonly index: DeadLetterIndex;
  readonly counts: Readonly<Record<Settlement | "incomplete", number>>;
  /** Parts of attempts that were broken off. */
  readonly incomplete: readonly DeadLetter[];
  /** By cause, the largest group first. */
  groups(settlement: Settlement): readonly DeadLetterGroup[];
}

/** The kind of a dead letter, which the index keeps beside its place. */
interface Kind {
  readonly cause: DeadLetterCause | null;
  readonly type: string | null;
}

const MOST_KINDS = 10_000;
const MOST_REMEMBERED = 10_000;

/** Reads the dead letters that are wanted, in 24 bytes for each. */
export async function overviewOf(
  topic: DeadLetterTopic,
  wants: (deadLetter: DeadLetter) => boolean,
  signal: AbortSignal,
): Promise<DeadLetterOverview> {
  const index = new DeadLetterIndex();
  const kinds = new Kinds();
  const reader = new DeadLetterReader(
    {
      arrived: (one) => {
        if (wants(one)) index.arrived(one.id, one.timeMs, kinds.numberOf(one));
      },
      replayed: (id) => {
        index.replayed(id);
      },
      dismissed: (id, dismissal) => {
        index.dismissed(id, dismissal);
      },
    },
    { joinsItems: false },
  );
  await readDeadLetterTopic(
    topic,
    (records) => {
      for (const record of records) reader.read(record);
    },
    signal,
  );
  const incomplete = reader.incomplete.filter(wants);
  const counts = {
    waiting: 0,
    replayed: 0,
    dismissed: 0,
    incomplete: incomplete.length,
  };
  for (const { settlement } of index) counts[settlement]++;
  const groups = (settlement: Settlement) => grouped(index, kinds, settlement);
  return { index, counts, incomplete, groups };
}

/** Reads the dead letters of these ids; of one in chunks, what its first chunk tells. */
export async function readByIds(
  topic: DeadLetterTopic,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, DeadLetter>> {
  const found = new Map<string, DeadLetter>();
  const ranges = ids.map((id) => {
    const [partition = "", offset = ""] = id.split("/");
    const from = BigInt(offset);
    const place = {
      topic: topic.deadLetterTopic,
      partition: Number(partition),
    };
    return { ...place, from, to: from + 1n };
  });
  await readRanges(
    topic,
    ranges,
    (records) => {
      for (const record of records) {
        const bytes = record.value?.length ?? 0;
        const deadLetter = parseDeadLetter(record, { bytes, chunks: 1 });
        found.set(deadLetter.id, deadLetter);
      }
    },
    signal,
  );
  return found;
}

function grouped(
  index: DeadLetterIndex,
  kinds: Kinds,
  wanted: Settlement,
): DeadLetterGroup[] {
  const groups = new Map<string, GrowingGroup>();
  for (const one of index) {
    if (one.settlement !== wanted) continue;
    const { cause, type } = kinds.kind(one.kind);
    const id = cause?.id ?? "";
    const group = groups.get(id) ?? newGroup(cause, one);
    groups.set(id, group);
    group.count++;
    group.types.set(type, (group.types.get(type) ?? 0) + 1);
    if (one.timeMs < group.firstMs) {
      group.firstMs = one.timeMs;
      group.firstId = idOf(one);
    }
    if (one.timeMs >= group.lastMs) {
      group.lastMs = one.timeMs;
      group.dismissal = one.dismissal;
    }
  }
  return [...groups.values()].sort(
    (a, b) => b.count - a.count || a.firstMs - b.firstMs,
  );
}

type GrowingGroup = {
  -readonly [Key in keyof DeadLetterGroup]: DeadLetterGroup[Key];
} & { readonly types: Map<string | null, number> };

function newGroup(
  cause: DeadLetterCause | null,
  one: IndexedDeadLetter,
): GrowingGroup {
  return {
    cause,
    types: new Map(),
    count: 0,
    firstMs: one.timeMs,
    lastMs: one.timeMs,
    firstId: idOf(one),
    dismissal: one.dismissal,
  };
}

function idOf({ partition, offset }: IndexedDeadLetter): string {
  return `${partition}/${offset}`;
}

/** Numbers the pairs of cause and type, in bounded memory. */
class Kinds {
  readonly #kinds: Kind[] = [{ cause: null, type: null }];
  readonly #numbers = new Map<string, number>();
  /** Numbers by what a cause is made of: many dead letters say the same. */
  readonly #remembered = new Map<string, number>();

  numberOf(deadLetter: DeadLetter): number {
    const { connector, stage, class: errorClass, type, reason } = deadLetter;
    const said = JSON.stringify([connector, stage, errorClass, type, reason]);
    const remembered = this.#remembered.get(said);
    if (remembered !== undefined) return remembered;
    const number = this.#newNumber(deadLetter);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(said, number);
    return number;
  }

  kind(number: number): Kind {
    return this.#kinds[number] ?? { cause: null, type: null };
  }

  #newNumber(deadLetter: DeadLetter): number {
    const cause = causeOf(deadLetter);
    const { type } = deadLetter;
    const name = `${cause.id} ${type ?? "\n"}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#kinds.length > MOST_KINDS) return 0;
    const number = this.#kinds.push({ cause, type }) - 1;
    this.#numbers.set(name, number);
    return number;
  }
}
