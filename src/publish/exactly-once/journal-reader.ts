import { partitionOf } from "../../kafka/client/partition-of.ts";
import { Follower } from "../../kafka/read/follower.ts";
import {
  LostRecords,
  type StoredRecord,
} from "../../kafka/read/fetch-committed.ts";
import type { TopicFeed } from "../../kafka/read/topic-feed.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Journal } from "./journal.ts";
import type { ReadTail } from "./journal-listener.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";

export interface JournalReaderOptions {
  /** Reads the journal for all connectors of the process. */
  readonly feed: TopicFeed;
  readonly connectorName: string;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The newest record of this connector that is known to lie in the journal. */
interface NewestOwn {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
}

/** What is read of the partitions in one go; it counts once all of it is read. */
interface Reading {
  readonly positions: Map<number, bigint>;
  readonly tail: ReadTail;
  newestOwn: NewestOwn | null;
}

/** All brokers know of new partitions by then. */
const SPREAD_WITHIN_MS = 10_000;

/**
 * Reads the journal topic, in the partition that the connector's name chooses, and in all of them
 * when their number has changed. Its newest own record must be there each time: compaction keeps
 * the newest of a key, so a journal without it was deleted, and perhaps made again, or lost records.
 */
export class JournalReader implements Disposable {
  readonly #options: JournalReaderOptions;
  /** In the partition to write to. */
  #follower: {
    readonly partition: number;
    readonly follower: Follower;
  } | null = null;
  #partition = 0;
  /** How many the journal had when it was last read, in all of them if need be; 0 before. */
  #partitions = 0;
  /** Up to where each partition is known. */
  #positions: ReadonlyMap<number, bigint> = new Map();
  #newestOwn: NewestOwn | null = null;
  #fewerSinceMs: number | null = null;

  constructor(options: JournalReaderOptions) {
    this.#options = options;
  }

  /** The partition to write to. */
  get partition(): number {
    return this.#partition;
  }

  get wasRead(): boolean {
    return this.#positions.size > 0;
  }

  /** Whether the journal lately had as many partitions as when it was read, and is known to hold the newest own record. */
  async isIntact(signal: AbortSignal): Promise<boolean> {
    const { feed } = this.#options;
    const own = this.#newestOwn;
    if (own === null) return false;
    if ((await feed.recentPartitionCount(signal)) !== this.#partitions)
      return false;
    return abortable(feed.holds(own.partition, own.offset, own.key), signal);
  }

  /**
   * Reads on to the end. Unless `isKept`, another process that knew of fewer partitions may have
   * written to one that was read before. Rejects with a LostRecords error, or kafkajs's.
   */
  async read(isKept: boolean, signal: AbortSignal): Promise<ReadTail> {
    const { feed, journal, connectorName } = this.#options;
    const count = await abortable(feed.countPartitions(), signal);
    const reading: Reading = {
      positions: new Map(this.#positions),
      tail: { own: new Map(), hasForeign: false },
      newestOwn: this.#newestOwn,
    };
    this.#refuseFewer(count);
    const isReadInAll = isKept && count === this.#partitions;
    const partition = partitionOf(connectorName, count);
    this.#partition = partition;
    journal.writesTo(partition, count);
    await this.#readPartition(reading, partition, signal);
    if (
      !isReadInAll &&
      journal.isSpread &&
      (await this.#readOthers(reading, count, signal))
    ) {
      // What is later than that in the own partition must be taken after it.
      reading.positions.delete(partition);
      await this.#readPartition(reading, partition, signal);
    }
    this.#partitions = count;
    this.#positions = reading.positions;
    this.#newestOwn = reading.newestOwn;
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
      this.#newestOwn = newerOwn(
        this.#newestOwn,
        { partition, offset: at, key },
        value,
      );
    }
  }

  /** A topic never gets fewer partitions, but some broker may not know of all yet. */
  #refuseFewer(count: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (count >= this.#partitions) {
      this.#fewerSinceMs = null;
      return;
    }
    this.#fewerSinceMs ??= nowMs;
    const what = `${JOURNAL_TOPIC} has ${count} partitions, and had ${this.#partitions} before`;
    throw nowMs - this.#fewerSinceMs < SPREAD_WITHIN_MS
      ? new Error(what)
      : new LostRecords(what);
  }

  /** Reads the other partitions; returns whether they hold entries of this connector. */
  async #readOthers(
    reading: Reading,
    count: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { journal } = this.#options;
    const known = journal.noted;
    for (let partition = 0; partition < count; partition++)
      if (partition !== this.#partition)
        await this.#readPartition(reading, partition, signal);
    journal.othersWereRead();
    return journal.noted > known;
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  async #readPartition(
    reading: Reading,
    partition: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { feed, journal, clock } = this.#options;
    const { positions, tail } = reading;
    const position = positions.get(partition) ?? 0n;
    const follower = this.#followerOf(partition);
    const own =
      this.#newestOwn?.partition === partition ? this.#newestOwn : null;
    let isOwnThere =
      own === null || (await this.#isBehind(own, follower, signal));
    const from =
      own !== null && !isOwnThere && own.offset < position
        ? own.offset
        : position;
    const take = (records: readonly StoredRecord[]) => {
      const isOwn = ({ key, offset }: StoredRecord) =>
        key === own?.key && offset >= own.offset;
      isOwnThere ||= records.some(isOwn);
      const fresh = records.filter(({ offset }) => offset >= position);
      journal.apply(fresh, tail, clock.monotonicMs());
      for (const record of fresh)
        if (journal.owns(record.key))
          reading.newestOwn = newerOwn(reading.newestOwn, record, record.value);
    };
    const partitionFeed = feed.partition(partition);
    try {
      const end = await partitionFeed.read(follower, from, take, signal);
      if (!isOwnThere) throw lost(partition, own);
      positions.set(partition, end);
    } finally {
      if (follower !== this.#follower?.follower) partitionFeed.leave(follower);
    }
  }

  /** Whether the newest own record was passed in the reading for others, and is there. */
  async #isBehind(
    { partition, offset, key }: NewestOwn,
    { position }: Follower,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (position === null || position <= offset) return false;
    const { feed } = this.#options;
    return abortable(feed.holds(partition, offset, key), signal);
  }

  /** The connector's own partition is followed from one reading to the next. */
  #followerOf(partition: number): Follower {
    const { journal } = this.#options;
    if (this.#follower?.partition === partition) return this.#follower.follower;
    const follower = new Follower(journal.device);
    if (partition !== this.#partition) return follower;
    this.#leave();
    this.#follower = { partition, follower };
    return follower;
  }

  #leave(): void {
    if (this.#follower === null) return;
    const { partition, follower } = this.#follower;
    this.#options.feed.partition(partition).leave(follower);
    this.#follower = null;
  }
}

/** A tombstone does not count, since it goes away in time, and neither does what it is for. */
function newerOwn(
  before: NewestOwn | null,
  { partition, offset, key }: NewestOwn,
  value: Buffer | null,
): NewestOwn | null {
  if (value !== null) return { partition, offset, key };
  return before?.key === key ? null : before;
}

function lost(partition: number, own: NewestOwn | null): LostRecords {
  return new LostRecords(
    `partition ${partition} of ${JOURNAL_TOPIC} no longer holds what this connector wrote at offset ${own?.offset ?? 0n}`,
  );
}
