import type { Fetched, FetchedBatch } from "../../src/kafka/client/fetched.ts";
import type { KafkaRecord } from "../../src/kafka/write/kafka-writer.ts";

/** A record as it lies in a partition, and which life of the connector wrote it. */
export interface StoredRecord extends KafkaRecord {
  readonly life: number;
}

export interface MemoryTransaction {
  readonly producerId: string;
  readonly startedMs: number;
  readonly records: StoredRecord[];
  readonly partitions: Set<MemoryPartition>;
  end: "open" | "committed" | "aborted";
}

interface Entry {
  /** Null for the marker of a transaction. */
  readonly record: StoredRecord | null;
  readonly transaction: MemoryTransaction | null;
}

interface Aborted {
  readonly producerId: string;
  readonly firstOffset: string;
  readonly markerOffset: number;
}

/** The place of a batch among those of its producer in a partition (KIP-98). */
export interface Sequenced {
  readonly producerId: string;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly count: number;
}

/** What a broker knows of a producer: its epoch, and the batches that it may still repeat. */
interface ProducerState {
  readonly epoch: number;
  readonly batches: readonly Sequenced[];
}

const REMEMBERED_BATCHES = 5;

/** Version and type of a transaction's marker, big-endian. */
const markers = {
  committed: Buffer.from([0, 0, 0, 1]),
  aborted: Buffer.from([0, 0, 0, 0]),
};

/** One partition: records, and the markers that end transactions in it, each at an offset. */
export class MemoryPartition {
  readonly #entries: Entry[] = [];
  /** Transactions without a marker, by the offset of their first record here. */
  readonly #unmarked = new Map<MemoryTransaction, number>();
  readonly #aborted: Aborted[] = [];
  readonly #producers = new Map<string, ProducerState>();

  /** The high watermark. */
  get end(): number {
    return this.#entries.length;
  }

  /** The last stable offset: a read_committed consumer sees nothing from there on. */
  get stableEnd(): number {
    return Math.min(this.end, ...this.#unmarked.values());
  }

  /** Judges a batch by its epoch and sequence numbers, as brokers do (KIP-98, KIP-360). */
  accept(batch: Sequenced): "new" | "duplicate" | "out of order" | "fenced" {
    const { producerId, epoch, firstSequence, count } = batch;
    const known = this.#producers.get(producerId);
    if (known !== undefined && epoch < known.epoch) return "fenced";
    const batches = known?.epoch === epoch ? known.batches : [];
    const isKnown = batches.some(
      (one) => one.firstSequence === firstSequence && one.count === count,
    );
    if (isKnown) return "duplicate";
    const last = batches.at(-1);
    const next = last === undefined ? 0 : last.firstSequence + last.count;
    if (known !== undefined && firstSequence !== next) return "out of order";
    this.#producers.set(producerId, {
      epoch,
      batches: [...batches, batch].slice(-REMEMBERED_BATCHES),
    });
    return "new";
  }

  /** Returns the offset. */
  append(record: StoredRecord, transaction: MemoryTransaction | null): number {
    if (transaction !== null) {
      transaction.partitions.add(this);
      if (!this.#unmarked.has(transaction))
        this.#unmarked.set(transaction, this.end);
      transaction.records.push(record);
    }
    return this.#entries.push({ record, transaction }) - 1;
  }

  /** A transaction that has ended gets its marker. */
  mark(transaction: MemoryTransaction): void {
    const first = this.#unmarked.get(transaction) ?? this.end;
    this.#unmarked.delete(transaction);
    if (transaction.end === "aborted")
      this.#aborted.push({
        producerId: transaction.producerId,
        firstOffset: String(first),
        markerOffset: this.end,
      });
    this.#entries.push({ record: null, transaction });
  }

  /** What a broker answers to a read_committed fetch. */
  fetch(from: number, atMost: number): Fetched {
    const end = Math.min(this.stableEnd, from + atMost);
    return {
      lastStableOffset: String(this.stableEnd),
      abortedTransactions: this.#aborted.filter(
        ({ firstOffset, markerOffset }) =>
          Number(firstOffset) < end && markerOffset >= from,
      ),
      batches: this.#entries
        .slice(from, end)
        .map((entry, place) => batchOf(entry, BigInt(from + place))),
    };
  }
}

function batchOf({ record, transaction }: Entry, offset: bigint): FetchedBatch {
  const end = transaction?.end === "aborted" ? "aborted" : "committed";
  return {
    baseOffset: offset,
    nextOffset: offset + 1n,
    producerId: transaction?.producerId ?? "-1",
    isTransactional: transaction !== null,
    isControl: record === null,
    length: 1,
    offsetOf: () => offset,
    timestampMsOf: () => 0,
    keyOf: () => (record === null ? markers[end] : Buffer.from(record.key)),
    valueOf: () => record?.value ?? null,
    headersOf: () => ({}),
  };
}
