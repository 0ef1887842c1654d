import type { Kafka } from "kafkajs";
import type { Clock } from "../pipeline/clock.ts";
import { FencedFault, RivalFault } from "../pipeline/faults.ts";
import type { Turns } from "../pipeline/turns.ts";
import type { Compression } from "./compression.ts";
import { coordinatorFault } from "./coordinator-fault.ts";
import { JOURNAL_TOPIC, type Journal, type ReadTail } from "./journal.ts";
import { partitionOf } from "./partition-of.ts";
import { partitionCount, readCommitted } from "./partition-reader.ts";
import type { KafkaRecord, MayWrite, Writer } from "./producer.ts";
import {
  isFencing,
  TRANSACTION_TIMEOUT_MS,
  TransactionalProducer,
} from "./transactional-producer.ts";

export interface TransactionalWriterOptions {
  readonly kafka: Kafka;
  readonly compression: Compression;
  readonly connectorName: string;
  readonly journal: Journal;
  /** Asked before the transactional id is taken over, and before each transaction. */
  readonly mayWrite: MayWrite;
  readonly clock: Clock;
  /** Taken while the journal is read, which takes memory. */
  readonly turns: Turns;
}

const UPKEEP_WITHIN_MS = 5_000;

/**
 * Writes each call's records in one transaction, under the transactional id of the connector's
 * name. Before the first one after every (re)connection, the journal is read to its end, so that
 * a transaction whose end is unknown is known to be committed or not.
 */
export class TransactionalWriter implements Writer, AsyncDisposable {
  readonly #options: TransactionalWriterOptions;
  readonly #transactionalId: string;
  readonly #producer: TransactionalProducer;
  #partition: number | null = null;
  /** Up to here the journal is known. */
  #position = 0n;
  #rivalMs = -Infinity;
  #hasRival = false;

  constructor(options: TransactionalWriterOptions) {
    this.#options = options;
    this.#transactionalId = `sell-kafka.${options.connectorName}`;
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
    return this.#options.turns.take(() => this.#takeOver(signal), signal);
  }

  async write(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { journal, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const written = [...batches, journal.checkpoint()];
    const records = written.flat();
    try {
      const tail = await this.open(signal);
      if (tail.hasForeign) throw this.#fenced(startedMs);
      if (journal.isAmong(records, tail)) return;
      await this.#commit(written, timestampMs, signal);
    } catch (error) {
      void this.#producer.discard();
      throw isFencing(error) ? this.#fenced(startedMs, error) : error;
    }
    journal.committed(records, clock.epochMs());
  }

  /** Writes what the journal alone needs, and disconnects; the next write connects again. */
  async rest(): Promise<void> {
    const { journal, clock } = this.#options;
    const signal = AbortSignal.timeout(UPKEEP_WITHIN_MS);
    try {
      const batches = this.#hasRival ? [] : journal.upkeep(clock.epochMs());
      if (batches.length > 0) {
        await this.open(signal);
        await this.#commit(batches, clock.epochMs(), signal);
        journal.committed(batches.flat(), clock.epochMs());
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
    const { kafka, journal, clock, mayWrite } = this.#options;
    const tail: ReadTail = { own: new Map(), hasForeign: false };
    mayWrite();
    try {
      await this.#producer.open(signal);
      this.#partition ??= await this.#ownPartition(signal);
      journal.partition = this.#partition;
      const range = {
        topic: JOURNAL_TOPIC,
        partition: this.#partition,
        from: this.#position,
      };
      const reading = readCommitted(kafka, range, signal);
      for (;;) {
        const next = await reading.next();
        if (next.done === true) {
          this.#position = next.value;
          return tail;
        }
        journal.take(next.value, tail, clock.epochMs());
      }
    } catch (error) {
      void this.#producer.discard();
      throw await coordinatorFault(error, kafka, this.#transactionalId, signal);
    }
  }

  async #commit(
    batches: readonly (readonly KafkaRecord[])[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#options.mayWrite();
    const written = batches.filter((batch) => batch.length > 0);
    const answers = await this.#producer.commit(written, timestampMs, signal);
    for (const [index, batch] of written.entries()) {
      const own = answers[index]?.find(
        ({ topicName }) => topicName === JOURNAL_TOPIC,
      );
      const entries = batch.filter(({ topic }) => topic === JOURNAL_TOPIC);
      if (own?.baseOffset !== undefined)
        this.#position = BigInt(own.baseOffset) + BigInt(entries.length);
    }
  }

  async #ownPartition(signal: AbortSignal): Promise<number> {
    const { kafka, connectorName } = this.#options;
    const count = await partitionCount(kafka, JOURNAL_TOPIC, signal);
    return partitionOf(connectorName, count);
  }

  /** Kafka looks alike on a second owner and on a transaction that took too long: the time tells. */
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
