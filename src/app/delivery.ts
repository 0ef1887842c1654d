import type { Kafka } from "kafkajs";
import type { Compression } from "../kafka/client/compression.ts";
import { ExactlyOncePublisher } from "../publish/exactly-once/exactly-once-publisher.ts";
import {
  Journal,
  type JournalReader,
} from "../publish/exactly-once/journal.ts";
import { recordName } from "../publish/write-batches.ts";
import type { MayWrite } from "../kafka/write/producer.ts";
import {
  NO_SESSION,
  Publisher,
  type PublisherOptions,
} from "../publish/publisher.ts";
import type { RestingWriter } from "../publish/shared-writer.ts";
import { TransactionalWriter } from "../publish/exactly-once/transactional-writer.ts";
import type { Sink } from "../domain/ports.ts";
import { fingerprint } from "../lib/fingerprints.ts";
import { RevisionMemory } from "../publish/revision-memory.ts";
import { Semaphore } from "../lib/semaphore.ts";

/** A sink, and how it lets go of its connections when there is nothing to write for a while. */
export interface Delivery {
  readonly sink: Sink;
  /** Closes connections until the next write; `isComplete` after a complete drain. */
  readonly rest: (isComplete: boolean) => Promise<void>;
}

export type DeliveryOptions = Omit<PublisherOptions, "writer" | "entriesFor">;

export function atLeastOnce(
  writer: RestingWriter,
  options: DeliveryOptions,
): Delivery {
  const sink = new Publisher({ ...options, writer, entriesFor: () => [] });
  return { sink, rest: () => writer.rest() };
}

export interface TransactionOptions extends DeliveryOptions {
  readonly compression: Compression;
  readonly mayWrite?: MayWrite;
  /** Held while the journal is read; limits how many connectors read at once. */
  readonly semaphore?: Semaphore;
  /** Called with each record of the journal that is skipped. */
  readonly unreadable?: JournalReader["unreadable"];
  /** Called before the first write when the journal holds no entry of this connector. */
  readonly emptyJournal?: (signal: AbortSignal) => Promise<void>;
}

/** Only entries of `device` in the journal are read. */
export function exactlyOnce(
  kafka: Kafka,
  device: string,
  options: TransactionOptions,
): Delivery {
  const { clock, mayWrite = () => undefined } = options;
  const { semaphore = new Semaphore(1), unreadable = () => undefined } =
    options;
  const { router, revisions = new RevisionMemory() } = options;
  const journal = new Journal(device, {
    unreadable,
    published: (type, recordKey, revision) => {
      const name = recordName({ type, recordKey }, router.nameOf(type));
      revisions.note(fingerprint(name), revision, NO_SESSION);
    },
  });
  const writer = new TransactionalWriter({
    ...options,
    kafka,
    journal,
    mayWrite,
    semaphore,
  });
  const publisher = new Publisher({
    ...options,
    writer,
    revisions,
    entriesFor: (item, fate) => journal.entriesFor(item, fate),
  });
  return {
    sink: new ExactlyOncePublisher({ ...options, publisher, writer, journal }),
    rest: async (isComplete) => {
      if (isComplete) journal.sessionCompleted(clock.monotonicMs());
      await writer.rest();
    },
  };
}
