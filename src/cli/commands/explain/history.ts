import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import type { StoredRecord } from "../../../kafka/read/partition-reader.ts";
import { tableLines } from "../../output/table.ts";
import { deadLetterFacts, oneLine } from "../dead-letters/common.ts";
import { factsOf, type RecordFacts } from "./facts.ts";
import { foreignText, type Foreign } from "./foreign.ts";

/** A record of the key, with those directly behind it that repeat it. */
interface Version extends RecordFacts {
  readonly kind: "event" | "tombstone";
  /** How often it lies there one after the other; more than once after a redelivery. */
  readonly copies: number;
  /** Whether the same change lies further ahead too, with others in between. */
  readonly again: boolean;
}

type DeadLetterEntry = {
  readonly kind: "deadLetter";
  readonly revision: string | null;
  readonly session: string | null;
} & ReturnType<typeof deadLetterFacts>;

type HistoryEntry = Version | DeadLetterEntry;

export interface History {
  /** How many of the oldest entries are left out. */
  readonly omitted: number;
  /** The oldest first. */
  readonly entries: readonly HistoryEntry[];
}

interface Timed<T> {
  readonly timeMs: number;
  readonly entry: T;
}

/** Collects the records of a key: at most `most` of each partition, the newest. */
export class KeyHistory {
  readonly #most: number;
  readonly #partitions = new Map<number, Timed<Version>[]>();
  #omitted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes the next record of the key, in the order of its partition. */
  take(record: StoredRecord, foreign: Foreign | null): void {
    const { partition, timestampMs } = record;
    const versions = this.#partitions.get(partition) ?? [];
    this.#partitions.set(partition, versions);
    const facts = factsOf(record, foreign);
    const sameChange = ({ entry }: Timed<Version>) =>
      facts.ackKey !== null &&
      entry.ackKey === facts.ackKey &&
      entry.connector === facts.connector;
    const same = (one: Timed<Version>) =>
      sameChange(one) && (one.entry.bytes === null) === (facts.bytes === null);
    const runStart = versions.findLastIndex((one) => !sameChange(one)) + 1;
    const at = versions.findIndex(
      (one, index) => index >= runStart && same(one),
    );
    const before = versions[at];
    if (before !== undefined) {
      const copies = before.entry.copies + 1;
      versions[at] = { ...before, entry: { ...before.entry, copies } };
      return;
    }
    const kind = facts.bytes === null ? "tombstone" : "event";
    const again = versions.some(same);
    const entry = { kind, ...facts, copies: 1, again } as const;
    versions.push({ timeMs: timestampMs, entry });
    if (versions.length <= this.#most) return;
    versions.shift();
    this.#omitted++;
  }

  /** The history with these dead letters of the record, in the order of time. */
  with(deadLetters: readonly ListedDeadLetter[]): History {
    const letters = deadLetters.map((one) => {
      const { session, headers } = one;
      const revision = headers["sell.revision"] ?? null;
      const facts = { ...deadLetterFacts(one), revision, session };
      const entry = { kind: "deadLetter", ...facts } as const;
      return { timeMs: one.timeMs, entry };
    });
    const all = merged([...this.#partitions.values(), letters]);
    const kept = all.slice(-this.#most);
    return {
      omitted: this.#omitted + all.length - kept.length,
      entries: kept.map(({ entry }) => entry),
    };
  }
}

/** Merges lists by time; each keeps its own order, whatever its times. */
function merged(
  lists: readonly (readonly Timed<HistoryEntry>[])[],
): Timed<HistoryEntry>[] {
  const all: Timed<HistoryEntry>[] = [];
  const heads = lists.map((list) => ({ list, next: 0 }));
  for (;;) {
    const [first] = heads
      .filter(({ list, next }) => next < list.length)
      .toSorted((a, b) => timeOf(a) - timeOf(b));
    const head = first?.list[first.next];
    if (first === undefined || head === undefined) return all;
    all.push(head);
    first.next++;
  }
}

function timeOf(head: {
  readonly list: readonly Timed<HistoryEntry>[];
  readonly next: number;
}): number {
  return head.list[head.next]?.timeMs ?? Infinity;
}

/** A history as lines of a table. */
export function historyLines({ entries, omitted }: History): string[] {
  const rows = entries.map((entry) =>
    entry.kind === "deadLetter" ? letterRow(entry) : versionRow(entry),
  );
  const head = ["TIME", "PARTITION", "OFFSET", "OP", "REVISION", "SESSION", ""];
  return [
    "",
    omitted > 0
      ? `history, oldest first, without ${omitted} older entries (--limit):`
      : "history, oldest first:",
    ...tableLines([head, ...rows]).map((line) => `  ${line}`),
  ];
}

function versionRow(version: Version): string[] {
  const { time, partition, offset, op, revision, session, foreign } = version;
  const notes = [
    ...(version.copies > 1 ? [`${version.copies} copies`] : []),
    ...(version.again ? ["again, behind others"] : []),
    ...(foreign === null ? [] : [foreignText(foreign)]),
  ];
  return [
    ...[time ?? "-", String(partition), offset],
    version.kind === "tombstone" ? "tombstone" : op,
    ...[revision ?? "-", session ?? "-", notes.join("; ")],
  ];
}

function letterRow(letter: DeadLetterEntry): string[] {
  const { time, id, state, stage, reason, revision, session } = letter;
  // Its partition and offset are those of another topic.
  return [
    ...[time, "-", "-", "dead letter", revision ?? "-", session ?? "-"],
    `${id}, ${state}: ${stage}: ${oneLine(reason)}`,
  ];
}
