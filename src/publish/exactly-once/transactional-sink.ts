import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { Settled } from "../../domain/settled.ts";
import { accessFault } from "../../kafka/auth/refused-access.ts";
import { errorTypeOf, brokerReason } from "../../kafka/client/errors.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { Router } from "../topics/router.ts";
import { OTHER_SESSION, type RevisionMemory } from "../revision-memory.ts";
import type { Sink, SinkTopics, WriteRefusal } from "../sink.ts";
import { recordName } from "../write-batches.ts";
import { fingerprint } from "../../lib/fingerprints.ts";
import { refusalIn } from "../sinks/classify-failure.ts";
import { untilAvailable, type Retrying } from "../until-available.ts";
import { Journal } from "./journal.ts";
import type { JournalListener, ReadTail } from "./journal-listener.ts";
import {
  TransactionalWriter,
  type TransactionalWriterOptions,
} from "./transactional-writer.ts";

export interface TransactionalSinkOptions extends Retrying {
  readonly writer: TransactionalWriter;
  readonly journal: Journal;
  readonly topics: SinkTopics;
  /** Called when the journal holds nothing of this connector yet, before the first write. */
  readonly emptyJournal?: (signal: AbortSignal) => Promise<void>;
}

/** What exactly-once delivery is made from. */
export interface ExactlyOnceOptions
  extends
    Omit<TransactionalSinkOptions, "writer" | "journal">,
    Omit<TransactionalWriterOptions, "journal"> {
  /** Only entries of this device UUID in the journal count. */
  readonly device: string;
  readonly router: Router;
  /** Takes the revisions that the journal's entries say are published. */
  readonly revisions: RevisionMemory;
  /** Called with each record of the journal that is skipped. */
  readonly unreadable?: JournalListener["unreadable"];
}

export function createTransactionalSink(
  options: ExactlyOnceOptions,
): TransactionalSink {
  const { device, router, revisions } = options;
  const { unreadable = () => undefined } = options;
  const journal = new Journal(device, {
    unreadable,
    published: (type, recordKey, revision) => {
      const name = recordName({ type, recordKey }, router.topicFor(type));
      revisions.note(fingerprint(name), revision, OTHER_SESSION);
    },
  });
  const writer = new TransactionalWriter({ ...options, journal });
  return new TransactionalSink({ ...options, writer, journal });
}

/**
 * Writes to Kafka exactly once, as a read_committed consumer sees it: what the journal says was
 * settled is a duplicate, and everything else is written with its journal entry, or not at all.
 */
export class TransactionalSink implements Sink {
  readonly #options: TransactionalSinkOptions;
  #hasRecovered = false;

  constructor(options: TransactionalSinkOptions) {
    this.#options = options;
  }

  get history(): Journal {
    return this.#options.journal;
  }

  get topics(): SinkTopics {
    return this.#options.topics;
  }

  write(
    batches: readonly (readonly KafkaRecord[])[],
    signal: AbortSignal,
  ): Promise<WriteRefusal | null> {
    const { writer, clock } = this.#options;
    return refusalIn(writer.write(batches, clock.epochMs(), signal));
  }

  async rest(isComplete: boolean): Promise<void> {
    const { writer, journal, clock } = this.#options;
    if (isComplete) journal.sessionCompleted(clock.monotonicMs());
    await writer.rest();
  }

  close(): Promise<void> {
    return this.#options.writer.close();
  }

  async recover(signal: AbortSignal): Promise<Settled | null> {
    if (this.#hasRecovered) return null;
    const { journal, emptyJournal } = this.#options;
    await this.#open(signal);
    this.#hasRecovered = true;
    if (journal.isEmpty) await emptyJournal?.(signal);
    const keys = journal.takeUnconfirmed();
    if (keys.length === 0) return null;
    const { seq } = journal;
    return Settled.journaled(keys, () => {
      journal.acknowledged(seq);
    });
  }

  async ready(signal: AbortSignal): Promise<void> {
    const { hasForeign } = await this.#open(signal);
    if (hasForeign)
      throw new FencedFault(
        "another process has published under this name since the last drain",
      );
  }

  /** Makes sure of the transactional id, and returns what the journal holds that was not known. */
  async #open(signal: AbortSignal): Promise<ReadTail> {
    const { topics, writer } = this.#options;
    const faults = await topics.prepare([JOURNAL_TOPIC], signal);
    const why = faults.get(JOURNAL_TOPIC);
    if (why !== undefined) throw new DeniedFault("kafka", why.message);
    const open = async () => {
      try {
        return await writer.open(signal);
      } catch (cause) {
        signal.throwIfAborted();
        throw openingFault(cause);
      }
    };
    return untilAvailable(this.#options, "publish", open, signal);
  }
}

function openingFault(cause: unknown): Error {
  const denied = accessFault(cause);
  if (denied !== null) return denied;
  if (errorTypeOf(cause)?.includes("AUTHORIZATION") === true)
    return new DeniedFault(
      "kafka",
      `exactly-once delivery is denied: ${brokerReason(cause)}; allow the connector's principal Describe and Write on its transactional id, and Describe, Read and Write on ${JOURNAL_TOPIC}`,
      { cause },
    );
  return new UnavailableFault(
    `Kafka can't be reached: ${brokerReason(cause)}`,
    {
      cause,
    },
  );
}
