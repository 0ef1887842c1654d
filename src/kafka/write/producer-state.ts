import { partitionId, type TopicPartition } from "../client/partition-of.ts";
import type { KafkaRecord } from "./kafka-writer.ts";

/** The records of one write that go to one partition, in one record batch. */
export interface PartitionBatch extends TopicPartition {
  readonly records: readonly KafkaRecord[];
  /** Sequence number of its first record (KIP-98). */
  readonly firstSequence: number;
  /** Attempts that no broker refused: one of them may have been appended. */
  doubts: number;
  isConfirmed: boolean;
  /** The offset at which the broker appended its first record; null before, and when the broker did not tell. */
  baseOffset: bigint | null;
}

/** One write of an idempotent producer, divided among partitions. */
export interface ProducerWrite {
  readonly records: readonly KafkaRecord[];
  readonly batches: readonly PartitionBatch[];
}

/** Kafka's epochs have 16 bits. */
const LARGEST_EPOCH = 32_767;
/** Kafka's sequence numbers have 31 bits, and start again at 0. */
const SEQUENCES = 2 ** 31;

/**
 * An idempotent producer as the brokers know it: an id, an epoch, and the next sequence number of
 * each partition (KIP-98). It outlives connections, so that no request of an earlier connection
 * appends behind a later record. The same records are sent again under the same sequence numbers,
 * which a broker appends once. Other records are sent under a higher epoch (KIP-360), after whose
 * first record a broker refuses requests of a lower one.
 */
export class ProducerState {
  #id: string | null = null;
  #epoch = 0;
  #sequences = new Map<string, number>();
  #write: ProducerWrite | null = null;
  #hasLostSequence = false;

  /** Null until a broker has assigned one. */
  get id(): string | null {
    return this.#id;
  }

  get epoch(): number {
    return this.#epoch;
  }

  identify(id: string, epoch: number): void {
    this.#id = id;
    this.#epoch = epoch;
    this.#sequences.clear();
  }

  /**
   * Returns the write of these records; a repeated write passes the same array. `partitionOf`
   * divides the records; a repeated write that it divides otherwise is another write.
   */
  begin(
    records: readonly KafkaRecord[],
    partitionOf: (record: KafkaRecord) => number,
  ): ProducerWrite {
    const last = this.#write;
    if (
      last?.records === records &&
      !this.#hasLostSequence &&
      isDividedBy(last, partitionOf)
    )
      return last;
    const isInDoubt =
      last?.batches.some(
        ({ isConfirmed, doubts }) => !isConfirmed && doubts > 0,
      ) === true;
    if (isInDoubt || this.#hasLostSequence) this.#raiseEpoch();
    const write = { records, batches: this.#divide(records, partitionOf) };
    this.#write = write;
    return write;
  }

  /** Notes that a broker appended the batch. Changes no sequence number when a newer write has begun. */
  confirm(write: ProducerWrite, batch: PartitionBatch): void {
    batch.isConfirmed = true;
    if (this.#write !== write) return;
    const next = batch.firstSequence + batch.records.length;
    this.#sequences.set(partitionId(batch), next % SEQUENCES);
  }

  /** The records that brokers have confirmed of a write that has not ended; none unless it is the latest. */
  confirmedOf(records: readonly KafkaRecord[]): readonly KafkaRecord[] {
    if (this.#write?.records !== records) return [];
    return this.#write.batches
      .filter(({ isConfirmed }) => isConfirmed)
      .flatMap((batch) => batch.records);
  }

  /** Notes that a broker does not accept the sequence numbers of the write: the next write starts from 0. */
  loseSequence(write: ProducerWrite): void {
    if (this.#write === write) this.#hasLostSequence = true;
  }

  /** Notes that every batch of the write is confirmed. */
  end(write: ProducerWrite): void {
    if (this.#write === write) this.#write = null;
  }

  #raiseEpoch(): void {
    this.#hasLostSequence = false;
    this.#sequences.clear();
    if (this.#epoch < LARGEST_EPOCH) this.#epoch++;
    else this.#id = null;
  }

  #divide(
    records: readonly KafkaRecord[],
    partitionOf: (record: KafkaRecord) => number,
  ): PartitionBatch[] {
    type Growing = PartitionBatch & { records: KafkaRecord[] };
    const batches: Growing[] = [];
    const byTopic = new Map<string, Map<number, Growing>>();
    for (const record of records) {
      const { topic } = record;
      const partition = partitionOf(record);
      let ofTopic = byTopic.get(topic);
      if (ofTopic === undefined) {
        ofTopic = new Map<number, Growing>();
        byTopic.set(topic, ofTopic);
      }
      let batch = ofTopic.get(partition);
      if (batch === undefined) {
        const id = partitionId({ topic, partition });
        batch = {
          topic,
          partition,
          records: [],
          firstSequence: this.#sequences.get(id) ?? 0,
          doubts: 0,
          isConfirmed: false,
          baseOffset: null,
        };
        ofTopic.set(partition, batch);
        batches.push(batch);
      }
      batch.records.push(record);
    }
    return batches;
  }
}

function isDividedBy(
  { batches }: ProducerWrite,
  partitionOf: (record: KafkaRecord) => number,
): boolean {
  return batches.every(({ partition, records }) =>
    records.every((record) => partitionOf(record) === partition),
  );
}
