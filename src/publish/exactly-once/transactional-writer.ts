import type { Kafka } from "../../kafka/client/kafkajs.ts";
import type { Clock } from "../../lib/clock.ts";
import { DeniedFault, FencedFault, RivalFault } from "../../domain/faults.ts";
import type { Semaphore } from "../../lib/semaphore.ts";
import type { Compression } from "../../kafka/client/compression.ts";
import { withAdmin } from "../../kafka/client/connection.ts";
import { resolveCoordinatorFault } from "../../kafka/write/coordinator-fault.ts";
import { errorTypeOf } from "../../kafka/client/errors.ts";
import { JournalReader } from "./journal-reader.ts";
import type { Journal } from "./journal.ts";
import type { ReadTail } from "./journal-listener.ts";
import { LostRecords } from "../../kafka/read/partition-reader.ts";
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
  /** Taken while the journal is read, which takes memory. */
  readonly semaphore: Semaphore;
}

const UPKEEP_WITHIN_MS = 5_000;
const TOMBSTONES_AT_ONCE = 5_000;

/**
 * Writes each call's records in one transaction, under the transactional id of the connector's
 * name. Before the first one after every (re)connection, the journal is read to its end, so that
 * a transaction whose end is unknown is known to be committed or not.
 */
export class TransactionalWriter implements Writer, AsyncDisposable {
  readonly #options: TransactionalWriterOptions;
  readonly #transactionalId: string;
  readonly #producer: TransactionalProducer;
  readonly #reader: JournalReader;
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
   * Takes over the transactional id, and reads what the journal holds by now. One attempt.
   * The journal topic must exist.
   */
  async open(signal: AbortSignal): Promise<ReadTail> {
    if (this.#producer.isOpen) return { own: new Map(), hasForeign: false };
    return this.#options.semaphore.run(() => this.#takeOver(signal), signal);
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
      const tail = await this.open(signal);
      if (tail.hasForeign) throw this.#fenced(startedMs);
      if (journal.wasCommitted(records, tail)) return;
      // Only now it is known over how many partitions the journal is spread.
      const checkpoint = journal.checkpoint();
      await this.#commit([...batches, checkpoint], timestampMs, signal);
      records.push(...checkpoint);
    } catch (error) {
      void this.#producer.discard();
      if (isFencing(error)) throw this.#fenced(startedMs, error);
      throw (await this.#goneFault(error, signal)) ?? error;
    }
    journal.committed(records, clock.monotonicMs());
  }

  /** Writes what the journal alone needs, and disconnects; the next write connects again. */
  async rest(): Promise<void> {
    const { journal, clock } = this.#options;
    const signal = AbortSignal.timeout(UPKEEP_WITHIN_MS);
    try {
      const tombstones = this.#hasRival
        ? []
        : journal.forget(clock.monotonicMs());
      const isNeeded = tombstones.length + journal.checkpoint().length > 0;
      if (isNeeded && !this.#hasRival) {
        await this.open(signal);
        const batches = [journal.checkpoint()];
        for (let at = 0; at < tombstones.length; at += TOMBSTONES_AT_ONCE)
          batches.push(tombstones.slice(at, at + TOMBSTONES_AT_ONCE));
        await this.#commit(batches, clock.epochMs(), signal);
        journal.committed(batches.flat(), clock.monotonicMs());
      }
    } catch {
      // It is done after a later drain, or by a later run.
    }
    await this.#producer.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.discard();
  }

  async #takeOver(signal: AbortSignal): Promise<ReadTail> {
    const { kafka, mayWrite } = this.#options;
    mayWrite();
    try {
      await this.#producer.open(signal);
      return await this.#reader.read(signal);
    } catch (error) {
      void this.#producer.discard();
      const fault = await this.#goneFault(error, signal);
      throw (
        fault ??
        (await resolveCoordinatorFault(
          error,
          kafka,
          this.#transactionalId,
          signal,
        ))
      );
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
    const answers = await this.#producer.commit(written, timestampMs, signal);
    for (const [index, batch] of written.entries()) {
      const own = answers[index]?.find(
        ({ topicName }) => topicName === JOURNAL_TOPIC,
      );
      const entries = batch.filter(({ topic }) => topic === JOURNAL_TOPIC);
      if (own?.baseOffset === undefined) continue;
      this.#reader.wrote(entries, BigInt(own.baseOffset));
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
