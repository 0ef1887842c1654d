import type { RecordFault } from "../domain/faults.ts";
import type { Outcome } from "../domain/settled.ts";
import { afterRefusal } from "./after-refusal.ts";
import { writeInChunks } from "./chunk-writer.ts";
import { deferred } from "./plan.ts";
import type { Sink, TopicFault, WriteRefusal } from "./sink.ts";
import type { TypeRefusals } from "./type-refusals.ts";
import {
  QUIET_FAILURES,
  untilAvailable,
  type Retrying,
} from "./until-available.ts";
import { writeBatches, type PlannedWrite } from "./write-batches.ts";

export interface BatchWriterOptions extends Retrying {
  readonly sink: Pick<Sink, "topics" | "write">;
  readonly deadLetterTopic: string;
  readonly refusals: TypeRefusals;
  /** The dead-letter record of an item whose record is refused. */
  readonly toDeadLetter: (
    write: PlannedWrite,
    fault: RecordFault,
  ) => PlannedWrite;
  /** The records of these are durable. */
  readonly written: (batch: readonly PlannedWrite[]) => void;
  /** These are deferred or given up, though some of their records may have been written. */
  readonly inDoubt: (batch: readonly PlannedWrite[]) => void;
}

/** What became of a batch, and the dead-letter records to write in the place of refused records. */
interface Written {
  readonly outcomes: readonly Outcome[];
  readonly deadLetters: readonly PlannedWrite[];
}

/** Carries out planned writes: repeats what fails for a while, and follows refusals step by step. */
export class BatchWriter {
  readonly #options: BatchWriterOptions;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes in order. Dead-letter records of what is refused in a batch are written before the next
   * batch. Rejects as `Sink.write` does with what is neither retryable nor a refusal.
   */
  async write(
    writes: readonly PlannedWrite[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const writable: PlannedWrite[] = [];
    const why = await this.#deadLetterTopicFault(writes, signal);
    for (const write of writes) {
      if (why !== null && isDeadLetter(write))
        outcomes.push(deferred(write.item, why));
      else writable.push(write);
    }
    for (const batch of writeBatches(writable)) {
      const written = await this.#writeUnlessHeld(batch, signal);
      for (const outcome of written.outcomes) outcomes.push(outcome);
      const { deadLetters } = written;
      if (deadLetters.length > 0)
        for (const outcome of await this.write(deadLetters, signal))
          outcomes.push(outcome);
    }
    return outcomes;
  }

  /**
   * Records of held types are written one by one, or deferred. `wasRefused`: with others, so that
   * some of them may have been written.
   */
  async #writeUnlessHeld(
    batch: readonly PlannedWrite[],
    signal: AbortSignal,
    wasRefused = false,
  ): Promise<Written> {
    const { refusals, inDoubt } = this.#options;
    const isHeld = (write: PlannedWrite) =>
      isRecord(write) && refusals.isHeld(write.item.type);
    const { held = [], free = [] } = Object.groupBy(batch, (write) =>
      isHeld(write) ? "held" : "free",
    );
    const parts = free.length > 0 ? [await this.#writeBatch(free, signal)] : [];
    for (const [place, write] of held.entries()) {
      if (!isHeld(write)) {
        const rest = held.slice(place);
        parts.push(await this.#writeUnlessHeld(rest, signal, wasRefused));
        break;
      }
      const why = refusals.deferral(write.item.type ?? "");
      if (why === null) parts.push(await this.#writeBatch([write], signal));
      else {
        if (wasRefused) inDoubt([write]);
        parts.push(only([deferred(write.item, why)]));
      }
    }
    return joined(parts);
  }

  /** `attempts` counts the refused ones so far, each of a topic that does exist. */
  async #writeBatch(
    batch: readonly PlannedWrite[],
    signal: AbortSignal,
    attempts = 0,
  ): Promise<Written> {
    const { sink, inDoubt } = this.#options;
    const records = batch.flatMap((write) => write.records);
    let refused: WriteRefusal | null;
    let tries = 0;
    const write = () => {
      tries++;
      return sink.write([records], signal);
    };
    try {
      refused = await untilAvailable(this.#options, "publish", write, signal);
    } catch (error) {
      inDoubt(batch);
      throw error;
    }
    if (refused === null) return this.#settled(batch);
    // Of a refused write, other partitions may have taken their part for good.
    const { durable = [], rest = [] } = Object.groupBy(batch, (group) =>
      group.records.every((record) => refused.written.has(record))
        ? "durable"
        : "rest",
    );
    return joined([
      this.#settled(durable),
      await this.#afterRefusal(rest, refused, { attempts, tries }, signal),
    ]);
  }

  /** The records of these are durable. */
  #settled(batch: readonly PlannedWrite[]): Written {
    const { refusals, written } = this.#options;
    written(batch);
    for (const write of batch)
      if (isRecord(write)) refusals.accepted(write.item.type ?? "");
    return only(batch.map(({ item, fate }) => ({ item, fate })));
  }

  async #afterRefusal(
    batch: readonly PlannedWrite[],
    refused: WriteRefusal,
    { attempts, tries }: { readonly attempts: number; readonly tries: number },
    signal: AbortSignal,
  ): Promise<Written> {
    const { sink, retrying, refusals, inDoubt } = this.#options;
    // A try without an answer may have written what is refused now.
    if (tries > 1) inDoubt(batch);
    const step = afterRefusal(batch, refused);
    switch (step.kind) {
      case "split": {
        const parts: Written[] = [];
        for (const part of step.parts)
          parts.push(await this.#writeUnlessHeld(part, signal, true));
        return joined(parts);
      }
      case "refused": {
        const { group, fault } = step;
        if (isDeadLetter(group))
          return only([await writeInChunks(group, this.#options, signal)]);
        const { item } = group;
        const why = refusals.refused(item.type ?? "", group, refused);
        if (why !== null) {
          inDoubt(batch);
          return only([deferred(item, why)]);
        }
        const deadLetter = this.#options.toDeadLetter(group, fault);
        return { outcomes: [], deadLetters: [deadLetter] };
      }
      case "topic": {
        const { cause } = refused;
        const why = await sink.topics.refused(step.topic, cause, signal);
        if (why === null) {
          // A broker may not know yet of a topic that was just created.
          if (attempts >= QUIET_FAILURES)
            retrying("publish", cause, attempts + 1, 0);
          return this.#writeBatch(batch, signal, attempts + 1);
        }
        inDoubt(batch);
        return only(batch.map(({ item }) => deferred(item, why)));
      }
    }
  }

  /** Why the dead-letter topic takes no records for now; null when it does, or none is for it. */
  async #deadLetterTopicFault(
    writes: readonly PlannedWrite[],
    signal: AbortSignal,
  ): Promise<TopicFault | null> {
    if (!writes.some(isDeadLetter)) return null;
    const { sink, deadLetterTopic } = this.#options;
    const faults = await sink.topics.prepare([deadLetterTopic], signal);
    return faults.get(deadLetterTopic) ?? null;
  }
}

function isDeadLetter({ fate }: PlannedWrite): boolean {
  return fate.kind === "dead-lettered";
}

function isRecord({ fate }: PlannedWrite): boolean {
  return fate.kind === "published";
}

function only(outcomes: readonly Outcome[]): Written {
  return { outcomes, deadLetters: [] };
}

function joined(parts: readonly Written[]): Written {
  return {
    outcomes: parts.flatMap(({ outcomes }) => outcomes),
    deadLetters: parts.flatMap(({ deadLetters }) => deadLetters),
  };
}
