import { DeniedFault } from "../domain/faults.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import type { TransactionalProducer } from "../kafka/write/transactional-producer.ts";
import type { Clock } from "../lib/clock.ts";
import { afterRefusal } from "../publish/after-refusal.ts";
import type { WriteRefusal } from "../publish/sink.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { replayMarker } from "./markers.ts";
import { StillDead, type Replayable, type ReplayWrite } from "./replayable.ts";
import { toTransactionRefusal } from "./transaction-refusal.ts";

export interface ReplayWriterOptions {
  /** Null publishes nothing: a dry run. */
  readonly producer: Pick<
    TransactionalProducer,
    "open" | "commit" | "isOpen"
  > | null;
  readonly clock: Clock;
  readonly deadLetterTopic: string;
  /** A transaction begins with these; its end is not known before `replayed` or `failed`. */
  readonly began: (writes: readonly ReplayWrite[]) => void;
  readonly replayed: (write: ReplayWrite) => Promise<void>;
  readonly failed: (deadLetter: DeadLetter, why: StillDead) => Promise<void>;
}

/** Writes the records of dead letters, each in one transaction with its replay marker. */
export class ReplayWriter {
  readonly #options: ReplayWriterOptions;

  constructor(options: ReplayWriterOptions) {
    this.#options = options;
  }

  /** Ends what another producer of the same transactional id has begun. Rejects as `write`. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.producer?.open(signal);
    } catch (error) {
      const { reason, cause } = toTransactionRefusal(error);
      throw new DeniedFault(
        "kafka",
        `the brokers refuse the replay's transactional id: ${reason}`,
        { cause },
      );
    }
  }

  /**
   * One transaction, or several when the brokers refuse it. Returns what was published. Rejects
   * with an UnavailableFault, FencedFault or DeniedFault.
   */
  async write(
    writes: readonly ReplayWrite[],
    signal: AbortSignal,
  ): Promise<Replayable[]> {
    if (writes.length === 0) return [];
    const { clock, deadLetterTopic, began, replayed } = this.#options;
    const nowMs = clock.epochMs();
    const time = new Date(nowMs).toISOString();
    const records = writes.flatMap(({ replayable, held, records: own }) => [
      ...own,
      replayMarker(replayable.deadLetter, deadLetterTopic, {
        to: replayable.topic,
        time,
        held,
      }),
    ]);
    began(writes);
    const refusal = await this.#commit(records, nowMs, signal);
    if (refusal !== null) return this.#writeParts(writes, refusal, signal);
    for (const write of writes) await replayed(write);
    began([]);
    return writes.flatMap(({ replayable, held }) =>
      held === null ? [replayable] : [],
    );
  }

  async #writeParts(
    writes: readonly ReplayWrite[],
    refusal: WriteRefusal,
    signal: AbortSignal,
  ): Promise<Replayable[]> {
    const step = afterRefusal(writes, refusal);
    if (step.kind === "split") {
      const published: Replayable[] = [];
      for (const part of step.parts)
        published.push(...(await this.write(part, signal)));
      return published;
    }
    const reason = `the brokers refuse it: ${refusal.reason}`;
    for (const { replayable } of writes)
      await this.#options.failed(
        replayable.deadLetter,
        new StillDead("publish", reason),
      );
    return [];
  }

  async #commit(
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<WriteRefusal | null> {
    const { producer } = this.#options;
    try {
      if (producer?.isOpen === false) await producer.open(signal);
      await producer?.commit([records], timestampMs, signal);
      return null;
    } catch (error) {
      return toTransactionRefusal(error);
    }
  }
}
