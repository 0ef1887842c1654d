import type { Kafka } from "../kafka/client/kafkajs.ts";
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

/** How changes leave, and what is done when there is nothing to write for a while. */
export interface Delivery {
  readonly sink: Sink;
  /** Lets go of connections until the next write; `isComplete` after a complete drain. */
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
  /** Taken while the journal is read; shared by those who read at the same time. */
  readonly semaphore?: Semaphore;
  /** Told of a record of the journal that is skipped. */
  readonly unreadable?: JournalReader["unreadable"];
  /** Asked when the journal holds nothing of this connector yet, before the first write. */
  readonly emptyJournal?: (signal: AbortSignal) => Promise<void>;
}

/** `device` is the one whose entries in the journal count. */
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
