import { randomUUID } from "node:crypto";
import type { Item } from "../../domain/change.ts";
import { fingerprint, fingerprintOfHash } from "../../lib/fingerprints.ts";
import {
  checkpointIn,
  entryIn,
  isDelete,
  isHashed,
  placesOf,
  recordIn,
  revisionIn,
  storedRevision,
  type Checkpoint,
  type Entry,
} from "./journal-entry.ts";
import { JournalSpread } from "./journal-spread.ts";
import type { StoredRecord } from "../../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../../kafka/write/producer.ts";
import { SettledMemory, type SettledItem } from "./settled-memory.ts";
import { sortItems, type Identity, type SortedItems } from "./sort-items.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { History, Settling } from "../sink.ts";

const TOMBSTONES_AT_ONCE = 5_000;
/** Items of one write, which share its number, are numbered within it. */
const STEP_WITHIN_WRITE = 2 ** -20;

/** Told of what the journal's records hold besides. */
export interface JournalReader {
  /** This revision of a record was published. */
  readonly published: (
    type: string,
    recordKey: string,
    revision: number | bigint,
  ) => void;
  /** A record under the connector's own key is no entry. */
  readonly unreadable: (record: StoredRecord) => void;
}

const nobody: JournalReader = {
  published: () => undefined,
  unreadable: () => undefined,
};

/**
 * What was settled, by the records of the journal topic: one for each item, written in the same
 * transaction as the item's own. Keyed `<device>/<ack key>`, so an entry speaks for its device
 * alone. One record more, keyed by the device, says up to where Sell has accepted the keys.
 * Times are of a monotonic clock.
 */
export class Journal implements History {
  readonly #device: string;
  readonly #reader: JournalReader;
  readonly #run = randomUUID().slice(0, 8);
  readonly #memory = new SettledMemory();
  readonly #spread = new JournalSpread();
  /** The fresh items of the present batch that can be acknowledged. */
  #fresh: SortedItems["fresh"] = new Map();
  /** What a record of this run means for the memory, once it is committed. */
  readonly #meanings = new WeakMap<KafkaRecord, Meaning>();
  /** Writes of earlier runs that Sell may not have accepted, and how many keys were noted before each. */
  #unconfirmed: { readonly seq: number; readonly noted: number }[] = [];
  #partition = 0;
  #seq = 0;
  #confirmedSeq = 0;
  #writtenSeq = 0;
  #order = 0;
  #hasCheckpoint = false;

  constructor(device: string, reader: JournalReader = nobody) {
    this.#device = device;
    this.#reader = reader;
  }

  /** True while nothing of this connector was found in the journal, or written to it. */
  get isEmpty(): boolean {
    return this.#memory.noted === 0 && !this.#hasCheckpoint;
  }

  /** The journal has so many partitions; this connector writes to one of them. */
  writesTo(partition: number, partitions: number): void {
    this.#partition = partition;
    this.#spread.partitions = partitions;
  }

  /** Whether a record of the journal with that key speaks for this device. */
  owns(key: string): boolean {
    return key === this.#device || key.startsWith(`${this.#device}/`);
  }

  /** How many entries were taken or written so far; an entry that is taken again counts again. */
  get taken(): number {
    return this.#memory.noted;
  }

  /** True when entries of this connector may lie in the other partitions too. */
  get isSpread(): boolean {
    return this.#spread.isSpread;
  }

  /** What lies in the other partitions was taken, now or before. */
  tookOthers(): void {
    this.#spread.tookOthers(this.#memory.noted);
  }

  /** Tells the items of a new batch that were settled before from those that were not. */
  sort(items: readonly Item[]): SortedItems {
    this.#seq++;
    const sorted = sortItems(items, (item) => this.#memory.knows(item));
    this.#fresh = sorted.fresh;
    return sorted;
  }

  /** The record that settles a fresh item of the present batch; none when it has no key. */
  entriesFor(item: Item, fate: Settling): readonly KafkaRecord[] {
    const identity = this.#fresh.get(item) ?? null;
    return identity === null ? [] : [this.#entryOf(item, identity, fate)];
  }

  /** A transaction with these records was committed. */
  committed(records: readonly KafkaRecord[], nowMs: number): void {
    for (const written of records) {
      const meaning = this.#meanings.get(written);
      if (meaning !== undefined)
        this.#note(meaning.item, meaning.seq, meaning.ackKey, nowMs);
      else if (
        written.key === this.#device &&
        written.topic === JOURNAL_TOPIC &&
        written.value !== null
      )
        this.#takeCheckpoint(checkpointIn(written.value), this.#partition);
    }
  }

  /** True when all entries among the records lie in the partition as they are here. */
  isAmong(records: readonly KafkaRecord[], tail: ReadTail): boolean {
    const own = records.filter((record) => this.#meanings.has(record));
    const seqs = own.map((record) => this.#meanings.get(record)?.seq);
    return (
      own.length > 0 &&
      own.every(({ key }, index) => tail.own.get(key) === seqs[index])
    );
  }

  /** Takes in what a partition holds; answers what of it came from this run, and whether another wrote too. */
  take(stored: readonly StoredRecord[], tail: ReadTail, nowMs: number): void {
    for (const record of stored) {
      const { key, value, partition } = record;
      const isEntry = key.startsWith(`${this.#device}/`);
      if (value === null || (key !== this.#device && !isEntry)) continue;
      if (isEntry) {
        const entry = entryIn(value);
        if (entry === null) this.#reader.unreadable(record);
        else this.#takeEntry(key, entry, tail, nowMs);
      } else {
        const checkpoint = checkpointIn(value);
        if (checkpoint === null) this.#reader.unreadable(record);
        this.#takeCheckpoint(checkpoint, partition);
      }
    }
  }

  /** Keys that earlier runs settled, and Sell may not have accepted; they are told once. */
  takeUnconfirmed(): string[] {
    const [first] = this.#unconfirmed;
    this.#unconfirmed = [];
    if (first === undefined) return [];
    return this.#memory.keysSince(first.noted).filter((key) => !isHashed(key));
  }

  /** Number of the latest write: pass it to `confirmed` when Sell has accepted its keys, and all before. */
  get seq(): number {
    return this.#seq;
  }

  confirmed(seq: number): void {
    this.#confirmedSeq = Math.max(this.#confirmedSeq, seq);
  }

  /** A session was complete: what is settled by now is confirmed. */
  sessionCompleted(nowMs: number): void {
    this.#memory.sessionCompleted(nowMs);
  }

  /** The checkpoint, when there is news; to be written with other records. */
  checkpoint(): readonly KafkaRecord[] {
    const { forgotten } = this.#memory;
    const isNews =
      this.#confirmedSeq > this.#writtenSeq ||
      (this.#confirmedSeq > 0 && this.#spread.isNews(forgotten));
    if (!isNews) return [];
    const partitions = this.#spread.toStore(forgotten);
    const said: Checkpoint = {
      confirmed: this.#confirmedSeq,
      ...(partitions !== null && { partitions }),
    };
    return [this.#record(this.#device, JSON.stringify(said))];
  }

  /** Tombstones for what need not be remembered any longer, in batches. */
  forget(nowMs: number): readonly (readonly KafkaRecord[])[] {
    const tombstones = this.#memory
      .forget(nowMs)
      .map((ackKey) => this.#record(this.#keyOf(ackKey), null));
    const batches: KafkaRecord[][] = [];
    for (let at = 0; at < tombstones.length; at += TOMBSTONES_AT_ONCE)
      batches.push(tombstones.slice(at, at + TOMBSTONES_AT_ONCE));
    return batches;
  }

  #entryOf(item: Item, identity: Identity, fate: Settling): KafkaRecord {
    const ackKey = String(item.ackKey);
    const { name, kept } = placesOf(ackKey);
    const isUnpublished = fate !== "published";
    const said: Entry = {
      type: item.type,
      key: item.kind === "change" ? item.recordKey : null,
      event_type: item.eventType,
      hash: identity.md5,
      seq: this.#seq,
      run: this.#run,
      ...(isUnpublished && { unpublished: true }),
      ...(item.revision !== null && {
        revision: storedRevision(item.revision),
      }),
      ...(kept !== undefined && { ack_key: kept }),
    };
    const entry = this.#record(`${this.#device}/${name}`, JSON.stringify(said));
    const { settled } = identity;
    this.#meanings.set(entry, {
      item: isUnpublished ? { ...settled, record: null } : settled,
      ackKey,
      seq: said.seq,
    });
    return entry;
  }

  #keyOf(ackKey: string): string {
    return `${this.#device}/${placesOf(ackKey).name}`;
  }

  /** Without its partition, which its writer knows when it writes. */
  #record(key: string, value: string | null): KafkaRecord {
    return {
      topic: JOURNAL_TOPIC,
      key,
      value: value === null ? null : Buffer.from(value),
      headers: {},
    };
  }

  #note(item: SettledItem, seq: number, ackKey: string, nowMs: number): void {
    const isSameWrite = Math.floor(this.#order) === seq;
    this.#order = isSameWrite ? this.#order + STEP_WITHIN_WRITE : seq;
    this.#memory.note(item, this.#order, ackKey, nowMs);
  }

  #takeEntry(
    recordKey: string,
    entry: Entry,
    tail: ReadTail,
    nowMs: number,
  ): void {
    const { type, key, hash: md5, seq, run } = entry;
    const ackKey = entry.ack_key ?? recordKey.slice(this.#device.length + 1);
    const { noted } = this.#memory;
    const isPublished = entry.unpublished !== true;
    const record = isPublished ? recordIn(type, key) : null;
    const revision = revisionIn(entry);
    const item: SettledItem = {
      print: fingerprintOfHash(md5),
      record: record === null ? null : fingerprint(record),
      isDelete: isDelete(entry),
      revision,
    };
    this.#note(item, seq, ackKey, nowMs);
    if (isPublished && type !== null && key !== null && revision !== null)
      this.#reader.published(type, key, revision);
    this.#seq = Math.max(this.#seq, seq);
    if (run === this.#run) {
      tail.own.set(recordKey, seq);
      return;
    }
    tail.hasForeign = true;
    if (seq > this.#confirmedSeq && this.#unconfirmed.at(-1)?.seq !== seq)
      this.#unconfirmed.push({ seq, noted });
  }

  #takeCheckpoint(checkpoint: Checkpoint | null, partition: number): void {
    if (checkpoint === null) return;
    const { confirmed, partitions: stored = null } = checkpoint;
    this.#hasCheckpoint = true;
    this.confirmed(confirmed);
    this.#writtenSeq = Math.max(this.#writtenSeq, confirmed);
    this.#unconfirmed = this.#unconfirmed.filter(({ seq }) => seq > confirmed);
    if (partition === this.#partition) this.#spread.stored = stored;
  }
}

interface Meaning {
  readonly item: SettledItem;
  readonly ackKey: string;
  readonly seq: number;
}

/** What was found when the partition was read on. */
export interface ReadTail {
  /** The last write of this run for each key. */
  readonly own: Map<string, number>;
  /** Another process wrote for this device. */
  hasForeign: boolean;
}
