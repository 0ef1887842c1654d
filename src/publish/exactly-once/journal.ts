import { randomUUID } from "node:crypto";
import type { Item } from "../../domain/change.ts";
import {
  noListener,
  type JournalListener,
  type ReadTail,
} from "./journal-listener.ts";
import { JournalCheckpoint } from "./journal-checkpoint.ts";
import {
  createEntry,
  createJournalRecord,
  isHashedAckKey,
  parseCheckpoint,
  parseEntry,
  storeAckKey,
  toSettledItem,
  type Checkpoint,
  type JournalEntry,
} from "./journal-entry.ts";
import type { StoredRecord } from "../../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import {
  SettledMemory,
  SettlingOrder,
  type SettledItem,
} from "./settled-memory.ts";
import { separateRepeated, type Identity } from "./repeated-items.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { History, SeparatedItems, Settling } from "../sink.ts";

/**
 * What was settled, by the records of the journal topic: one for each item, written in the same
 * transaction as the item's own. Keyed `<device>/<ack key>`, so an entry speaks for its device
 * alone. One record more, keyed by the device, says up to where Sell has accepted the keys.
 * Times are of a monotonic clock.
 */
export class Journal implements History {
  /** Only records of this device count. */
  readonly device: string;
  readonly #listener: JournalListener;
  readonly #run = randomUUID().slice(0, 8);
  readonly #memory = new SettledMemory();
  readonly #order = new SettlingOrder();
  readonly #checkpoint = new JournalCheckpoint();
  /** The fresh items of the present batch that can be acknowledged. */
  #fresh: ReadonlyMap<Item, Identity | null> = new Map();
  /** What a record of this run means for the memory, once it is committed. */
  readonly #meanings = new WeakMap<KafkaRecord, Meaning>();
  #partition = 0;
  #seq = 0;

  constructor(device: string, listener: JournalListener = noListener) {
    this.device = device;
    this.#listener = listener;
  }

  /** True while nothing of this connector was found in the journal, or written to it. */
  get isEmpty(): boolean {
    return this.#memory.noted === 0 && !this.#checkpoint.isStored;
  }

  /** The journal has so many partitions; this connector writes to one of them. */
  writesTo(partition: number, partitions: number): void {
    this.#partition = partition;
    this.#checkpoint.partitions = partitions;
  }

  /** Whether a record of the journal with that key speaks for this device. */
  owns(key: string): boolean {
    return key === this.device || key.startsWith(`${this.device}/`);
  }

  /** How many entries were read or written so far; an entry that is read again counts again. */
  get noted(): number {
    return this.#memory.noted;
  }

  /** True when entries of this connector may lie in the other partitions too. */
  get isSpread(): boolean {
    return this.#checkpoint.isSpread;
  }

  /** What lies in the other partitions was read, now or before. */
  othersWereRead(): void {
    this.#checkpoint.othersWereRead(this.#memory.noted);
  }

  /** Tells the items of a new batch that were settled before from those that were not. */
  beginBatch(items: readonly Item[]): SeparatedItems {
    this.#seq++;
    const { fresh, repeated } = separateRepeated(items, (item) =>
      this.#memory.knows(item),
    );
    this.#fresh = fresh;
    return { fresh: [...fresh.keys()], repeated };
  }

  /** The record that settles a fresh item of the present batch; none when it has no key. */
  entriesFor(item: Item, settling: Settling): readonly KafkaRecord[] {
    const identity = this.#fresh.get(item) ?? null;
    return identity === null
      ? []
      : [this.#createRecord(item, identity, settling)];
  }

  /** A transaction with these records was committed. */
  committed(records: readonly KafkaRecord[], nowMs: number): void {
    for (const written of records) {
      const meaning = this.#meanings.get(written);
      if (meaning !== undefined)
        this.#note(meaning.item, meaning.seq, meaning.ackKey, nowMs);
      else if (
        written.key === this.device &&
        written.topic === JOURNAL_TOPIC &&
        written.value !== null
      )
        this.#applyCheckpoint(parseCheckpoint(written.value), this.#partition);
    }
  }

  /** True when an earlier attempt to write these records was committed. */
  wasCommitted(records: readonly KafkaRecord[], tail: ReadTail): boolean {
    const own = records.filter((record) => this.#meanings.has(record));
    const seqs = own.map((record) => this.#meanings.get(record)?.seq);
    return (
      own.length > 0 &&
      own.every(({ key }, index) => tail.own.get(key) === seqs[index])
    );
  }

  /** Takes in what a partition holds, and adds to `tail` what of it is news. */
  apply(stored: readonly StoredRecord[], tail: ReadTail, nowMs: number): void {
    for (const record of stored) {
      const { key, value, partition } = record;
      const isEntry = key.startsWith(`${this.device}/`);
      if (value === null || (key !== this.device && !isEntry)) continue;
      if (isEntry) {
        const entry = parseEntry(value);
        if (entry === null) this.#listener.unreadable(record);
        else this.#applyEntry(key, entry, tail, nowMs);
      } else {
        const checkpoint = parseCheckpoint(value);
        if (checkpoint === null) this.#listener.unreadable(record);
        this.#applyCheckpoint(checkpoint, partition);
      }
    }
  }

  /** Keys that earlier runs settled, and Sell may not have accepted; they are told once. */
  takeUnconfirmed(): string[] {
    const noted = this.#checkpoint.takeUnconfirmed();
    if (noted === null) return [];
    return this.#memory.keysSince(noted).filter((key) => !isHashedAckKey(key));
  }

  /** Number of the latest write: pass it to `acknowledged` when Sell has accepted its keys, and all before. */
  get seq(): number {
    return this.#seq;
  }

  acknowledged(seq: number): void {
    this.#checkpoint.acknowledged(seq);
  }

  /** A session was complete: what is settled by now is confirmed. */
  sessionCompleted(nowMs: number): void {
    this.#memory.sessionCompleted(nowMs);
  }

  /** The record of the checkpoint, when it says something new; to be written with other records. */
  checkpoint(): readonly KafkaRecord[] {
    const checkpoint = this.#checkpoint.next(this.#memory.forgotten);
    return checkpoint === null
      ? []
      : [createJournalRecord(this.device, JSON.stringify(checkpoint))];
  }

  /** Tombstones for what need not be remembered any longer. */
  forget(nowMs: number): readonly KafkaRecord[] {
    return this.#memory
      .forget(nowMs)
      .map((ackKey) => createJournalRecord(this.#keyOf(ackKey), null));
  }

  #createRecord(
    item: Item,
    { md5, settled }: Identity,
    settling: Settling,
  ): KafkaRecord {
    const ackKey = String(item.ackKey);
    const seq = this.#seq;
    const entry = createEntry(item, settling, { md5, seq, run: this.#run });
    const record = createJournalRecord(
      this.#keyOf(ackKey),
      JSON.stringify(entry),
    );
    const isPublished = settling === "published";
    this.#meanings.set(record, {
      item: isPublished ? settled : { ...settled, record: null },
      ackKey,
      seq,
    });
    return record;
  }

  #keyOf(ackKey: string): string {
    return `${this.device}/${storeAckKey(ackKey).inKey}`;
  }

  #note(item: SettledItem, seq: number, ackKey: string, nowMs: number): void {
    this.#memory.note(item, this.#order.next(seq), ackKey, nowMs);
  }

  #applyEntry(
    recordKey: string,
    entry: JournalEntry,
    tail: ReadTail,
    nowMs: number,
  ): void {
    const { type, key, seq, run } = entry;
    const ackKey = entry.ack_key ?? recordKey.slice(this.device.length + 1);
    const { noted } = this.#memory;
    const item = toSettledItem(entry);
    const { revision } = item;
    const isPublished = entry.unpublished !== true;
    this.#note(item, seq, ackKey, nowMs);
    if (isPublished && type !== null && key !== null && revision !== null)
      this.#listener.published(type, key, revision);
    this.#seq = Math.max(this.#seq, seq);
    if (run === this.#run) tail.own.set(recordKey, seq);
    else {
      tail.hasForeign = true;
      this.#checkpoint.foreignEntry(seq, noted);
    }
  }

  #applyCheckpoint(checkpoint: Checkpoint | null, partition: number): void {
    if (checkpoint !== null)
      this.#checkpoint.stored(checkpoint, partition === this.#partition);
  }
}

/** What a record of this run says, once it is committed. */
interface Meaning {
  readonly item: SettledItem;
  readonly ackKey: string;
  readonly seq: number;
}
