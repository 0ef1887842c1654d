import type { KafkaRecord } from "./producer.ts";

/** The records of one write that go to one partition: one record batch. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** Sequence number of its first record (KIP-98). */
  readonly firstSequence: number;
  /** How often it was sent without being refused: some attempt may have been appended. */
  doubts: number;
  isConfirmed: boolean;
}

/** One write of an idempotent producer, divided among partitions. */
export interface ProducerWrite {
  readonly records: readonly KafkaRecord[];
  readonly batches: readonly PartitionBatch[];
}

/** Kafka's epochs have 16 bits. */
const LARGEST_EPOCH = 32_767;
/** Kafka's sequence numbers have 31 bits, and go on at 0. */
const SEQUENCES = 2 ** 31;

/**
 * An idempotent producer as the brokers know it: an id, an epoch, and the next sequence number of
 * each partition (KIP-98). It outlives connections, so that a request of an earlier connection
 * never lands behind a later record of its partition: the same records are sent again under the
 * same sequence numbers, which a broker appends once, and other records only under a higher
 * epoch (KIP-360), whose first record shuts out what is on its way under a lower one.
 */
export class IdempotentProducer {
  #id: string | null = null;
  #epoch = 0;
  #sequences = new Map<string, number>();
  #write: ProducerWrite | null = null;
  #hasLostSequence = false;

  /** Null until the brokers have given it one. */
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
   * The write of these records (the same array when it is repeated). `partitionOf` divides them;
   * a repeated write that it divides otherwise is another write.
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

  /** A broker appended the batch. A write that was overtaken by another one changes nothing. */
  confirm(write: ProducerWrite, batch: PartitionBatch): void {
    batch.isConfirmed = true;
    if (this.#write !== write) return;
    const next = batch.firstSequence + batch.records.length;
    this.#sequences.set(placeOf(batch), next % SEQUENCES);
  }

  /** A broker does not go on from the sequence numbers of the write: they begin anew. */
  loseSequence(write: ProducerWrite): void {
    if (this.#write === write) this.#hasLostSequence = true;
  }

  /** Every batch of the write is confirmed. */
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
    const places = new Map<
      string,
      PartitionBatch & { records: KafkaRecord[] }
    >();
    for (const record of records) {
      const { topic } = record;
      const partition = partitionOf(record);
      const place = placeOf({ topic, partition });
      const known = places.get(place);
      if (known !== undefined) known.records.push(record);
      else
        places.set(place, {
          topic,
          partition,
          records: [record],
          firstSequence: this.#sequences.get(place) ?? 0,
          doubts: 0,
          isConfirmed: false,
        });
    }
    return [...places.values()];
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

function placeOf({
  topic,
  partition,
}: Pick<PartitionBatch, "topic" | "partition">): string {
  return `${topic} ${partition}`;
}
