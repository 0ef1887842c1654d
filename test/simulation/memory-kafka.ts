import {
  MemoryPartition,
  type MemoryTransaction,
  type Sequenced,
  type StoredRecord,
} from "./memory-partition.ts";
import type { Schedule } from "./schedule.ts";
import { JOURNAL_TOPIC } from "../../src/lib/kafka-topics.ts";

const PARTITIONS = 2;
const MOST_PARTITIONS = 3;
const SUCCESS = 0;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const INVALID_PRODUCER_EPOCH = 47;
/** The brokers abort a transaction that takes longer, as the connector tells them to. */
const TRANSACTION_TIMEOUT_MS = 30_000;

/** What the coordinator knows of one transactional id. */
interface Owner {
  epoch: number;
  current: MemoryTransaction | null;
  /** Markers of its last transaction that are still on their way. */
  unmarked: number;
}

/** A record, and the partition that its writer chose. */
export interface Placed {
  readonly record: StoredRecord;
  readonly partition: number;
}

/**
 * The brokers: partitions, and the coordinator of transactions. A transaction is decided at one
 * moment, and seen in each partition only when its marker gets there. They outlive the connector.
 */
export class MemoryKafka {
  readonly #topics = new Map<string, MemoryPartition[]>();
  readonly #owners = new Map<string, Owner>();
  #producers = 0;
  readonly #schedule: Schedule;
  readonly #onDurable: (record: StoredRecord) => void;

  constructor(schedule: Schedule, onDurable: (record: StoredRecord) => void) {
    this.#schedule = schedule;
    this.#onDurable = onDurable;
  }

  partitions(topic: string): readonly MemoryPartition[] {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const count = topic === JOURNAL_TOPIC ? 1 : PARTITIONS;
    const made = Array.from({ length: count }, () => new MemoryPartition());
    this.#topics.set(topic, made);
    return made;
  }

  /** Gives a topic one more partition, up to a few. */
  grow(topic: string): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined || partitions.length === MOST_PARTITIONS)
      return;
    this.#schedule.tell(() => `${topic} gets one more partition`);
    partitions.push(new MemoryPartition());
  }

  partition(topic: string, partition: number): MemoryPartition {
    const found = this.partitions(topic)[partition];
    if (found === undefined) throw new Error(`no ${topic}-${partition}`);
    return found;
  }

  /** Returns the offset of the first record. */
  append(records: readonly Placed[], transaction: MemoryTransaction): number {
    const offsets = records.map(({ record, partition }) =>
      this.partition(record.topic, partition).append(record, transaction),
    );
    return offsets[0] ?? 0;
  }

  newProducerId(): string {
    return String(this.#producers++);
  }

  /** Appends a batch of an idempotent producer, unless it is there; returns Kafka's error code. */
  appendOnce(records: readonly Placed[], by: Sequenced): number {
    const [first] = records;
    if (first === undefined) return SUCCESS;
    const partition = this.partition(first.record.topic, first.partition);
    const verdict = partition.accept(by);
    if (verdict === "fenced") return INVALID_PRODUCER_EPOCH;
    if (verdict === "out of order") return OUT_OF_ORDER_SEQUENCE_NUMBER;
    if (verdict === "duplicate") return SUCCESS;
    for (const { record } of records) {
      partition.append(record, null);
      this.#onDurable(record);
    }
    return SUCCESS;
  }

  /**
   * Takes over a transactional id: its new epoch. Throws while its last transaction, which is
   * aborted if it was open, is not yet marked everywhere.
   */
  takeOver(id: string): number {
    const owner = this.#owner(id);
    if (owner.current !== null) this.#abort(id, owner);
    if (owner.unmarked > 0) throw concurrent();
    return ++owner.epoch;
  }

  /** The transaction of an id that was begun. Throws when there is none. */
  ongoing(id: string, epoch: number): MemoryTransaction {
    const { current } = this.#ownedBy(id, epoch);
    if (current !== null) return current;
    throw Object.assign(new Error("no transaction"), {
      type: "INVALID_TXN_STATE",
    });
  }

  /** Begins a transaction of an id, if none is open. Throws as `takeOver`. */
  begin(id: string, epoch: number): MemoryTransaction {
    const owner = this.#ownedBy(id, epoch);
    if (owner.unmarked > 0) throw concurrent();
    owner.current ??= {
      producerId: id,
      startedMs: this.#schedule.nowMs,
      records: [],
      partitions: new Set(),
      end: "open",
    };
    return owner.current;
  }

  end(id: string, epoch: number, end: "committed" | "aborted"): void {
    this.#end(id, this.#ownedBy(id, epoch), end);
  }

  /** The brokers abort what is open for too long, whether or not anybody asks. */
  endOverdue(): void {
    const latestMs = this.#schedule.nowMs - TRANSACTION_TIMEOUT_MS;
    for (const [id, owner] of this.#owners)
      if ((owner.current?.startedMs ?? Infinity) <= latestMs)
        this.#abort(id, owner);
  }

  #owner(id: string): Owner {
    const known = this.#owners.get(id);
    if (known !== undefined) return known;
    const made: Owner = { epoch: 0, current: null, unmarked: 0 };
    this.#owners.set(id, made);
    return made;
  }

  #ownedBy(id: string, epoch: number): Owner {
    const owner = this.#owner(id);
    const ageMs = this.#schedule.nowMs - (owner.current?.startedMs ?? Infinity);
    if (ageMs >= TRANSACTION_TIMEOUT_MS) this.#abort(id, owner);
    if (epoch === owner.epoch) return owner;
    // Some brokers say it with an error that kafkajs does not know.
    throw Object.assign(
      new Error("fenced"),
      this.#schedule.random.chance(0.5)
        ? { type: "INVALID_PRODUCER_EPOCH" }
        : { code: 90 },
    );
  }

  /** Nobody may go on under the epoch of a transaction that others ended. */
  #abort(id: string, owner: Owner): void {
    owner.epoch++;
    this.#end(id, owner, "aborted");
  }

  #end(id: string, owner: Owner, end: "committed" | "aborted"): void {
    const transaction = owner.current;
    owner.current = null;
    if (transaction === null) return;
    transaction.end = end;
    if (end === "committed")
      for (const record of transaction.records) this.#onDurable(record);
    for (const partition of transaction.partitions) {
      owner.unmarked++;
      const marker = () => `${end} marker of ${id}`;
      this.#schedule.later(marker, () => {
        owner.unmarked--;
        partition.mark(transaction);
      });
    }
  }
}

/** What a coordinator answers until the last transaction is marked everywhere. */
function concurrent(): Error {
  const type = "CONCURRENT_TRANSACTIONS";
  return Object.assign(new Error(type), { type });
}
