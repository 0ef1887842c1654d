import type { StoredRecord } from "./memory-partition.ts";
import type { SellRecord } from "./memory-sell.ts";
import { parseEntry } from "../../src/publish/exactly-once/journal-entry.ts";
import { JOURNAL_TOPIC } from "../../src/lib/kafka-topics.ts";

/** What became of items, and what befell them, in one schedule. */
export type Counts = Ledger["counts"];

/** A promise of the connector did not hold. */
export class Broken extends Error {
  override readonly name = "Broken";
}

type Kind = "value" | "tombstone" | "dead letter";

interface Committed {
  readonly kinds: Set<Kind>;
  readonly isDelete: boolean;
}

/** Keeps account of what is durable, whoever wrote it, and checks each step against the promises. */
export class Ledger {
  /** What is durable, by ack key, or by the like of one. */
  readonly durable = new Set<string>();
  /** Names of items that were not published, for a newer one of their record. */
  readonly superseded = new Set<string>();
  /** Under exactly-once delivery, what was committed for each record, by ack key. */
  readonly #committed = new Map<string, Map<string, Committed>>();
  readonly #isExactlyOnce: boolean;
  readonly #newest = new Map<string, number>();
  readonly #last = new Map<string, number>();
  readonly #chunks = new Map<string, Set<string>>();
  broken: Broken | null = null;
  readonly counts = {
    published: 0,
    deadLettered: 0,
    superseded: 0,
    duplicate: 0,
    deferred: 0,
    /** Deferred items of a type whose topic refuses nearly all of it. */
    held: 0,
    /** Deletes of what a newer revision was published of: they are published too. */
    staleDeletes: 0,
    /** Times that a process lost its right to write, to another one or by taking too long. */
    fenced: 0,
    /** Items that came again though Sell had answered 202 to their keys. */
    redelivered: 0,
  };

  constructor(isExactlyOnce: boolean) {
    this.#isExactlyOnce = isExactlyOnce;
  }

  fail(promise: string): void {
    this.broken ??= new Broken(promise);
  }

  stored(record: StoredRecord): void {
    const { topic, key, headers, value, life } = record;
    if (topic === JOURNAL_TOPIC) {
      this.#journaled(record);
      return;
    }
    const revision = Number(headers["sell.revision"]);
    const type = headers["sell.type"] ?? "-";
    const ackKey = headers["sell.ack_key"];
    const name = ackKey ?? `${type}-${key}-${revision}`;
    const isDelete = headers["sell.event_type"] === "deleted";
    if (topic === "dead") {
      if (!this.#isWhole(headers)) return;
      if (ackKey !== undefined) this.#once(ackKey, "dead letter", isDelete);
      this.durable.add(name);
      return;
    }
    if (ackKey !== undefined)
      this.#once(ackKey, value === null ? "tombstone" : "value", isDelete);
    // No process that was fenced writes behind the one that took over, which left an entry for each key.
    const isOfAll = this.#isExactlyOnce && ackKey !== undefined;
    const writer = isOfAll ? "exactly-once delivery" : "one process";
    const place = `${isOfAll ? "" : life} ${topic} ${key}`;
    const last = this.#last.get(place) ?? 0;
    if (revision < last && !isDelete)
      this.fail(
        `revision ${revision} of ${topic} ${key} was written behind ${last} by ${writer}`,
      );
    if (revision < last && value !== null) this.counts.staleDeletes++;
    this.#last.set(place, Math.max(last, revision));
    // A delete counts once its tombstone is there.
    if (isDelete && value !== null) return;
    this.durable.add(name);
    const known = this.#newest.get(`${type} ${key}`) ?? 0;
    this.#newest.set(`${type} ${key}`, Math.max(known, revision));
  }

  /** The entry of a superseded item says so, also when its writer dies before it can. */
  #journaled({ key, value }: StoredRecord): void {
    const entry = value === null ? null : parseEntry(value);
    if (entry?.unpublished !== true || entry.type === null) return;
    const newest = this.#newest.get(`${entry.type} ${String(entry.key)}`) ?? 0;
    if (newest > Number(entry.revision))
      this.superseded.add(key.slice(key.indexOf("/") + 1));
  }

  hasNewer({ type, id, revision }: SellRecord): boolean {
    return (this.#newest.get(`${type} ${id}`) ?? 0) > revision;
  }

  /**
   * An item is there as a value, a tombstone or both, or as one dead letter; again only when a
   * delete of its record was published since, or it is a delete and the record came back.
   */
  #once(ackKey: string, kind: Kind, isDelete: boolean): void {
    if (!this.#isExactlyOnce) return;
    const record = ackKey.replace(/-\d+$/, "");
    const items = this.#committed.get(record) ?? new Map<string, Committed>();
    this.#committed.set(record, items);
    for (const [key, other] of items)
      if (isDelete !== other.isDelete) items.delete(key);
    const { kinds } = items.get(ackKey) ?? { kinds: new Set<Kind>() };
    const isDeadAndAlive = kinds.size > 0 && kind === "dead letter";
    if (kinds.has(kind) || isDeadAndAlive || kinds.has("dead letter"))
      this.fail(`${ackKey} was committed twice`);
    items.set(ackKey, { kinds: kinds.add(kind), isDelete });
  }

  #isWhole(headers: StoredRecord["headers"]): boolean {
    const set = headers["chunk.set"];
    if (set === undefined) return true;
    const seen = this.#chunks.get(set) ?? new Set();
    this.#chunks.set(set, seen.add(headers["chunk.index"] ?? ""));
    return seen.size === Number(headers["chunk.count"]);
  }
}
