import type { Kafka } from "../../kafka/client/kafkajs.ts";
import { partitionOf } from "../../kafka/client/partition-of.ts";
import {
  LostRecords,
  TopicReader,
  type StoredRecord,
} from "../../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../../kafka/write/producer.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Journal, ReadTail } from "./journal.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";

export interface JournalLogOptions {
  readonly kafka: Kafka;
  readonly connectorName: string;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The newest record of this connector that is known to lie in the journal. */
interface Mark {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
}

/** What is read of the partitions in one go; it counts once all of it is read. */
interface Reading {
  readonly reader: TopicReader;
  readonly positions: Map<number, bigint>;
  readonly tail: ReadTail;
  mark: Mark | null;
}

/**
 * Reads the journal topic, in the partition that the connector's name chooses, and in all of them
 * when their number has changed. Its newest own record must be there each time: compaction keeps
 * the newest of a key, so a journal without it was deleted, and perhaps made again, or lost records.
 */
export class JournalLog {
  readonly #options: JournalLogOptions;
  #partition = 0;
  /** How many the journal had when it was last read, in all of them if need be; 0 before. */
  #partitions = 0;
  /** Up to where each partition is known. */
  #positions: ReadonlyMap<number, bigint> = new Map();
  #mark: Mark | null = null;

  constructor(options: JournalLogOptions) {
    this.#options = options;
  }

  /** The partition to write to. */
  get partition(): number {
    return this.#partition;
  }

  get wasRead(): boolean {
    return this.#positions.size > 0;
  }

  /** Reads on to the end. Rejects with a LostRecords error, or kafkajs's. */
  async read(signal: AbortSignal): Promise<ReadTail> {
    const { kafka, journal, connectorName } = this.#options;
    await using reader = await TopicReader.connect(
      kafka,
      JOURNAL_TOPIC,
      signal,
    );
    const reading: Reading = {
      reader,
      positions: new Map(this.#positions),
      tail: { own: new Map(), hasForeign: false },
      mark: this.#mark,
    };
    const count = reader.partitions;
    const isReadInAll = count === this.#partitions;
    const partition = partitionOf(connectorName, count);
    this.#partition = partition;
    journal.writesTo(partition, count);
    await this.#take(reading, partition, signal);
    if (
      !isReadInAll &&
      journal.isSpread &&
      (await this.#takeOthers(reading, count, signal))
    ) {
      // What is later than that in the own partition must be taken after it.
      reading.positions.delete(partition);
      await this.#take(reading, partition, signal);
    }
    this.#partitions = count;
    this.#positions = reading.positions;
    this.#mark = reading.mark;
    return reading.tail;
  }

  /** Records of this connector were committed to its partition, the first at `offset`. */
  wrote(records: readonly KafkaRecord[], offset: bigint): void {
    const partition = this.#partition;
    const known = this.#positions.get(partition) ?? 0n;
    if (offset < known)
      throw new LostRecords(
        `partition ${partition} of ${JOURNAL_TOPIC} took records at offset ${offset}, and was read up to ${known} before`,
      );
    const end = offset + BigInt(records.length);
    this.#positions = new Map(this.#positions).set(partition, end);
    for (const [index, { key, value }] of records.entries()) {
      const at = offset + BigInt(index);
      this.#mark = marked(this.#mark, { partition, offset: at, key }, value);
    }
  }

  /** Answers whether they hold entries of this connector. */
  async #takeOthers(
    reading: Reading,
    count: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { journal } = this.#options;
    const known = journal.taken;
    for (let partition = 0; partition < count; partition++)
      if (partition !== this.#partition)
        await this.#take(reading, partition, signal);
    journal.tookOthers();
    return journal.taken > known;
  }

  async #take(
    reading: Reading,
    partition: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { journal, clock } = this.#options;
    const { reader, positions, tail } = reading;
    const position = positions.get(partition) ?? 0n;
    const mark = this.#mark?.partition === partition ? this.#mark : null;
    const from =
      mark !== null && mark.offset < position ? mark.offset : position;
    let isMarkThere = mark === null;
    const range = { partition, from, isContinued: true };
    const records = reader.read(range, signal);
    for (;;) {
      const next = await records.next();
      if (next.done === true) {
        if (!isMarkThere) throw lost(partition, mark);
        positions.set(partition, next.value);
        return;
      }
      const isMark = ({ key, offset }: StoredRecord) =>
        key === mark?.key && offset >= mark.offset;
      isMarkThere ||= next.value.some(isMark);
      const fresh = next.value.filter(({ offset }) => offset >= position);
      journal.take(fresh, tail, clock.monotonicMs());
      for (const record of fresh)
        if (journal.owns(record.key))
          reading.mark = marked(reading.mark, record, record.value);
    }
  }
}

/** A tombstone is no mark, since it goes away in time, and neither is what it is for. */
function marked(
  before: Mark | null,
  { partition, offset, key }: Mark,
  value: Buffer | null,
): Mark | null {
  if (value !== null) return { partition, offset, key };
  return before?.key === key ? null : before;
}

function lost(partition: number, mark: Mark | null): LostRecords {
  return new LostRecords(
    `partition ${partition} of ${JOURNAL_TOPIC} no longer holds what this connector wrote at offset ${mark?.offset ?? 0n}`,
  );
}
