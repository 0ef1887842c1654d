import type { Kafka } from "../../kafka/client/kafkajs.ts";
import type { Clock } from "../../lib/clock.ts";
import { DeniedFault, FencedFault, RivalFault } from "../../domain/faults.ts";
import type { Compression } from "../../kafka/client/compression.ts";
import type { SharedConnections } from "../../kafka/client/shared-connections.ts";
import { withAdmin } from "../../kafka/client/connection.ts";
import { errorTypeOf } from "../../kafka/client/errors.ts";
import { JournalReader } from "./journal-reader.ts";
import type { Journal } from "./journal.ts";
import type { ReadTail } from "./journal-listener.ts";
import { LostRecords } from "../../kafka/read/fetch-committed.ts";
import type { TopicFeed } from "../../kafka/read/topic-feed.ts";
import type {
  KafkaRecord,
  MayWrite,
  Writer,
} from "../../kafka/write/kafka-writer.ts";
import {
  isFencing,
  TRANSACTION_TIMEOUT_MS,
  TransactionalProducer,
} from "../../kafka/write/transactional-producer.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";

export interface TransactionalWriterOptions {
  readonly kafka: Kafka;
  readonly compression: Compression;
  readonly connectorName: string;
  readonly journal: Journal;
  /** Asked before the transactional id is taken over, and before each transaction. */
  readonly mayWrite: MayWrite;
  readonly clock: Clock;
  /** Reads the journal for all connectors of the process. */
  readonly feed: TopicFeed;
  /** The connections by which all connectors of the process write. */
  readonly connections: SharedConnections;
}

const UPKEEP_WITHIN_MS = 5_000;
/** A writer that was idle for this time lets go of its transactional id, after it has stored its checkpoint. */
const IDLE_MS = 300_000;
const TOMBSTONES_AT_ONCE = 5_000;

/**
 * Writes each call's records in one transaction, under the transactional id of the connector's
 * name. Before the first one after every takeover of that id, the journal is read to its end, so
 * that a transaction whose end is unknown is known to be committed or not.
 */
export class TransactionalWriter implements Writer {
  readonly #options: TransactionalWriterOptions;
  readonly #transactionalId: string;
  readonly #producer: TransactionalProducer;
  readonly #reader: JournalReader;
  #usedMs = -Infinity;
  #rivalMs = -Infinity;
  #hasRival = false;

  constructor(options: TransactionalWriterOptions) {
    this.#options = options;
    this.#transactionalId = `sell-kafka.${options.connectorName}`;
    this.#reader = new JournalReader(options);
    this.#producer = new TransactionalProducer({
      ...options,
      transactionalId: this.#transactionalId,
    });
  }

  /**
   * Reads what the journal holds by now; takes over the transactional id before, unless it is kept.
   * While it is kept, nobody else can have written: then it is enough that the journal is still
   * there. One attempt. The journal topic must exist.
   */
  async open(signal: AbortSignal): Promise<ReadTail> {
    const { mayWrite } = this.#options;
    const isKept = this.#producer.isOpen;
    try {
      if (isKept && (await this.#reader.isIntact(signal))) {
        this.#usedMs = this.#options.clock.monotonicMs();
        return { own: new Map(), hasForeign: false };
      }
      if (!isKept) {
        mayWrite();
        await this.#producer.open(signal);
      }
      const tail = await this.#reader.read(isKept, signal);
      // Whoever wrote has taken over the id that was kept.
      if (isKept && tail.hasForeign) this.#producer.discard();
      this.#usedMs = this.#options.clock.monotonicMs();
      return tail;
    } catch (error) {
      this.#producer.discard();
      throw (await this.#goneFault(error, signal)) ?? error;
    }
  }

  async write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { journal, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const records = batches.flat();
    try {
      if (!this.#producer.isOpen) {
        const tail = await this.open(signal);
        if (tail.hasForeign) throw this.#fenced(startedMs);
        if (journal.wasCommitted(records, tail)) return;
      }
      // Only now it is known over how many partitions the journal is spread.
      const checkpoint = journal.checkpoint();
      await this.#commit(withLast(batches, checkpoint), timestampMs, signal);
      records.push(...checkpoint);
    } catch (error) {
      this.#producer.discard();
      if (isFencing(error)) throw this.#fenced(startedMs, error);
      throw (await this.#goneFault(error, signal)) ?? error;
    }
    journal.committed(records, clock.monotonicMs());
  }

  /**
   * Writes what the journal alone needs: tombstones when they are due, and the checkpoint when
   * nothing was written for a while, since it goes with the next records otherwise.
   */
  async rest(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const isIdle = nowMs - this.#usedMs >= IDLE_MS;
    await this.#tidy(isIdle);
    if (isIdle) this.#producer.discard();
  }

  /** Writes what the journal alone needs, and lets go of all. */
  async close(): Promise<void> {
    await this.#tidy(true);
    this.#producer.discard();
    this.#reader[Symbol.dispose]();
  }

  async #tidy(storesCheckpoint: boolean): Promise<void> {
    const { journal, clock } = this.#options;
    if (this.#hasRival) return;
    const signal = AbortSignal.timeout(UPKEEP_WITHIN_MS);
    try {
      const tombstones = journal.forget(clock.monotonicMs());
      const isDue =
        tombstones.length > 0 ||
        (storesCheckpoint && journal.checkpoint().length > 0);
      if (!isDue) return;
      if (!this.#producer.isOpen) await this.open(signal);
      const batches = [journal.checkpoint()];
      for (let at = 0; at < tombstones.length; at += TOMBSTONES_AT_ONCE)
        batches.push(tombstones.slice(at, at + TOMBSTONES_AT_ONCE));
      await this.#commit(batches, clock.epochMs(), signal);
      journal.committed(batches.flat(), clock.monotonicMs());
    } catch {
      // It is done after a later drain, or by a later run.
      this.#producer.discard();
    }
  }

  /** A DeniedFault when the journal that this process read is no longer there; null otherwise. */
  async #goneFault(
    error: unknown,
    signal: AbortSignal,
  ): Promise<DeniedFault | null> {
    const isLost = error instanceof LostRecords;
    const mayBeGone =
      this.#reader.wasRead &&
      errorTypeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION";
    const isGone = isLost || (mayBeGone && !(await this.#isThere(signal)));
    return isGone
      ? new DeniedFault(
          "kafka",
          `the journal of exactly-once delivery is gone: topic ${JOURNAL_TOPIC} was deleted or lost records${isLost ? ` (${error.message})` : ""}. Nothing is published until this process is started again; it then begins an empty journal, and items whose acknowledgement Sell has not taken may be published twice`,
          { cause: error },
        )
      : null;
  }

  async #isThere(signal: AbortSignal): Promise<boolean> {
    return withAdmin(this.#options.kafka, signal, async (admin) =>
      (await admin.listTopics()).includes(JOURNAL_TOPIC),
    );
  }

  async #commit(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#options.mayWrite();
    const { partition } = this.#reader;
    const written = batches
      .filter((batch) => batch.length > 0)
      .map((batch) =>
        batch.map((record) =>
          record.topic === JOURNAL_TOPIC ? { ...record, partition } : record,
        ),
      );
    const appended = await this.#producer.commit(written, timestampMs, signal);
    this.#usedMs = this.#options.clock.monotonicMs();
    for (const [index, batch] of written.entries()) {
      const own = appended[index]?.find(({ topic }) => topic === JOURNAL_TOPIC);
      const entries = batch.filter(({ topic }) => topic === JOURNAL_TOPIC);
      if (own !== undefined) this.#reader.wrote(entries, own.baseOffset);
    }
  }

  /** Kafka sends the same error for a second owner and for a transaction that took too long: the elapsed time decides. */
  #fenced(startedMs: number, cause?: unknown): Error {
    const nowMs = this.#options.clock.monotonicMs();
    const isRival = nowMs - startedMs < TRANSACTION_TIMEOUT_MS;
    const before = this.#rivalMs;
    if (isRival) this.#rivalMs = nowMs;
    this.#hasRival = isRival && nowMs - before < TRANSACTION_TIMEOUT_MS;
    if (this.#hasRival)
      return new RivalFault(
        `another process publishes under the name ${this.#options.connectorName} (transactional id ${this.#transactionalId}), and each shuts the other out; stop one of them, or give it a name of its own`,
        { cause },
      );
    return new FencedFault(
      isRival
        ? `another process has taken over the transactional id ${this.#transactionalId}`
        : `the brokers ended a transaction that took longer than ${TRANSACTION_TIMEOUT_MS} ms`,
      { cause },
    );
  }
}

/** Adds records to the last batch, so that they take no request of their own. */
function withLast(
  batches: readonly (readonly KafkaRecord[])[],
  more: readonly KafkaRecord[],
): readonly (readonly KafkaRecord[])[] {
  return [...batches.slice(0, -1), [...(batches.at(-1) ?? []), ...more]];
}
