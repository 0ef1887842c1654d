import { randomUUID } from "node:crypto";
import type { Item } from "../pipeline/change.ts";
import { fingerprint, type Fingerprint } from "../pipeline/fingerprints.ts";
import {
  contentOf,
  hashOf,
  ownName,
  parse,
  recordName,
  recordOf,
  type Checkpoint,
  type Entry,
} from "./journal-entry.ts";
import type { StoredRecord } from "./partition-reader.ts";
import type { KafkaRecord } from "./producer.ts";
import { SettledMemory } from "./settled-memory.ts";

/** The journal of exactly-once delivery; always compacted. */
export const JOURNAL_TOPIC = "sell-kafka.journal";

/** How a fresh item was settled: as itself or as a dead letter, or by a newer one. */
export type Settling = "published" | "dead-lettered" | "superseded";

const UPKEEP_BATCH = 5_000;

/** An item that was settled before, and where the first of its like is when that is in the same batch. */
export interface Repeated {
  readonly item: Item;
  readonly first: Item | null;
}

export interface Sorted {
  readonly fresh: readonly Item[];
  readonly repeated: readonly Repeated[];
}

/**
 * What was settled, by the records of the journal topic: one for each item, written in the same
 * transaction as the item's own. Keyed `<device>/<ack key>`, so an entry speaks for its device
 * alone. One record more, keyed by the device, says up to where Sell has accepted the keys.
 */
export class Journal {
  readonly #device: string;
  readonly #run = randomUUID().slice(0, 8);
  readonly #memory = new SettledMemory();
  /** The fresh items of the present batch that can be acknowledged. */
  #fresh = new Map<Item, Identity>();
  /** What a record of this run means for the memory, once it is committed. */
  readonly #meanings = new WeakMap<KafkaRecord, Meaning>();
  /** Writes of earlier runs that Sell may not have accepted, and how many keys were noted before each. */
  #unconfirmed: { readonly seq: number; readonly noted: number }[] = [];
  #partition = 0;
  #seq = 0;
  #confirmedSeq = 0;
  #writtenSeq = 0;

  constructor(device: string) {
    this.#device = device;
  }

  /** The partition in which this connector's entries lie. */
  set partition(partition: number) {
    this.#partition = partition;
  }

  /**
   * Tells new items from those that were settled before: that equal the newest that is known of
   * their record, one that was settled without being published, or another one of the batch, which is written in the order of revisions.
   */
  sort(items: readonly Item[]): Sorted {
    this.#seq++;
    this.#fresh = new Map();
    const fresh: Item[] = [];
    const repeated: Repeated[] = [];
    const inBatch = new Map<string, Seen[]>();
    for (const item of items) {
      if (item.ackKey === null) {
        fresh.push(item);
        continue;
      }
      const record = recordOf(item);
      const md5 = hashOf(item);
      const content = contentOf(md5);
      const print = fingerprint(record);
      const ofRecord = inBatch.get(record) ?? [];
      const place = ofRecord.findLastIndex((one) => one.content === content);
      const isKnown =
        place >= 0 ||
        this.#memory.newest(print) === content ||
        this.#memory.newest(fingerprint(ownName(item.ackKey))) === content;
      // A record that was deleted and is back with the same key must be written again.
      const since = ofRecord.slice(place + 1);
      if (isKnown && !since.some((one) => mayPrecede(one.item, item))) {
        repeated.push({ item, first: ofRecord[place]?.item ?? null });
      } else {
        inBatch.set(record, [...ofRecord, { content, item }]);
        this.#fresh.set(item, { record: print, md5 });
        fresh.push(item);
      }
    }
    return { fresh, repeated };
  }

  /** The record that settles a fresh item of the present batch; none when it has no key. */
  entriesFor(item: Item, fate: Settling): readonly KafkaRecord[] {
    const identity = this.#fresh.get(item);
    return identity === undefined ? [] : [this.#entryOf(item, identity, fate)];
  }

  /** A transaction with these records was committed. */
  committed(records: readonly KafkaRecord[], nowMs: number): void {
    for (const written of records) {
      const meaning = this.#meanings.get(written);
      if (meaning !== undefined)
        this.#note(meaning.record, meaning, meaning.ackKey, nowMs);
      else if (
        written.key === this.#device &&
        written.topic === JOURNAL_TOPIC &&
        written.value !== null
      )
        this.#takeCheckpoint(parse(written.value) as Checkpoint);
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

  /** Takes in what the partition holds; answers what of it came from this run, and whether another wrote too. */
  take(stored: readonly StoredRecord[], tail: ReadTail, nowMs: number): void {
    for (const { key, value } of stored) {
      if (value === null) continue;
      if (key === this.#device)
        this.#takeCheckpoint(parse(value) as Checkpoint);
      else if (key.startsWith(`${this.#device}/`))
        this.#takeEntry(
          key.slice(this.#device.length + 1),
          parse(value) as Entry,
          tail,
          nowMs,
        );
    }
  }

  /** Keys that earlier runs settled, and Sell may not have accepted; they are told once. */
  takeUnconfirmed(): string[] {
    const [first] = this.#unconfirmed;
    this.#unconfirmed = [];
    return first === undefined ? [] : this.#memory.keysSince(first.noted);
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
    if (this.#confirmedSeq <= this.#writtenSeq) return [];
    const said: Checkpoint = { confirmed: this.#confirmedSeq };
    return [this.#record(this.#device, JSON.stringify(said))];
  }

  /** The checkpoint, and tombstones for what need not be remembered any longer, in batches. */
  upkeep(nowMs: number): readonly (readonly KafkaRecord[])[] {
    const tombstones = this.#memory
      .forget(nowMs)
      .map((ackKey) => this.#record(`${this.#device}/${ackKey}`, null));
    const records = [...this.checkpoint(), ...tombstones];
    const batches: KafkaRecord[][] = [];
    for (let at = 0; at < records.length; at += UPKEEP_BATCH)
      batches.push(records.slice(at, at + UPKEEP_BATCH));
    return batches;
  }

  #entryOf(item: Item, { record, md5 }: Identity, fate: Settling): KafkaRecord {
    const ackKey = String(item.ackKey);
    const isUnpublished = fate !== "published";
    const said: Entry = {
      type: item.type,
      key: item.kind === "change" ? item.recordKey : null,
      event_type: item.eventType,
      hash: md5,
      seq: this.#seq,
      run: this.#run,
      ...(isUnpublished && { unpublished: true }),
    };
    const entry = this.#record(
      `${this.#device}/${ackKey}`,
      JSON.stringify(said),
    );
    const content = contentOf(md5);
    const { seq } = said;
    this.#meanings.set(entry, { record, content, ackKey, seq, isUnpublished });
    return entry;
  }

  /** What was not published is not its record's newest, though it was settled last: it stands for itself. */
  #note(
    record: Fingerprint,
    { content, isUnpublished }: Pick<Meaning, "content" | "isUnpublished">,
    ackKey: string,
    nowMs: number,
  ): void {
    const name = isUnpublished ? fingerprint(ownName(ackKey)) : record;
    this.#memory.note(name, content, ackKey, nowMs);
  }

  #record(key: string, value: string | null): KafkaRecord {
    return {
      topic: JOURNAL_TOPIC,
      partition: this.#partition,
      key,
      value: value === null ? null : Buffer.from(value),
      headers: {},
    };
  }

  #takeEntry(
    ackKey: string,
    entry: Entry,
    tail: ReadTail,
    nowMs: number,
  ): void {
    const { type, key, hash: md5, seq, run } = entry;
    const record = fingerprint(recordName(type, key, ackKey));
    const content = contentOf(md5);
    const isUnpublished = entry.unpublished === true;
    const { noted } = this.#memory;
    this.#note(record, { content, isUnpublished }, ackKey, nowMs);
    this.#seq = Math.max(this.#seq, seq);
    if (run === this.#run) {
      tail.own.set(`${this.#device}/${ackKey}`, seq);
      return;
    }
    tail.hasForeign = true;
    if (this.#unconfirmed.at(-1)?.seq !== seq)
      this.#unconfirmed.push({ seq, noted });
  }

  #takeCheckpoint({ confirmed }: Checkpoint): void {
    this.confirmed(confirmed);
    this.#writtenSeq = Math.max(this.#writtenSeq, confirmed);
    this.#unconfirmed = this.#unconfirmed.filter(({ seq }) => seq > confirmed);
  }
}

/** An item that the present batch settles. */
interface Seen {
  readonly content: bigint;
  readonly item: Item;
}

/** What tells an item from all others. */
interface Identity {
  readonly record: Fingerprint;
  readonly md5: string;
}

interface Meaning {
  readonly record: Fingerprint;
  readonly content: bigint;
  readonly ackKey: string;
  readonly seq: number;
  readonly isUnpublished: boolean;
}

/** What was found when the partition was read on. */
export interface ReadTail {
  /** The last write of this run for each key. */
  readonly own: Map<string, number>;
  /** Another process wrote for this device. */
  hasForeign: boolean;
}

/** Whether only the order in which Sell handed them out tells which one is the record's later state. */
function mayPrecede({ revision: one }: Item, { revision: other }: Item) {
  return one === null || other === null || one === other;
}
