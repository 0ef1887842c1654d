import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Compression } from "../kafka/client/compression.ts";
import type { MayWrite } from "../kafka/write/producer.ts";
import { fingerprint } from "../lib/fingerprints.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { Journal } from "../publish/exactly-once/journal.ts";
import type { JournalListener } from "../publish/exactly-once/journal-tail.ts";
import {
  TransactionalSink,
  type TransactionalSinkOptions,
} from "../publish/exactly-once/transactional-sink.ts";
import { TransactionalWriter } from "../publish/exactly-once/transactional-writer.ts";
import { Publisher, type PublisherOptions } from "../publish/publisher.ts";
import { NOT_CONFIRMED, RevisionMemory } from "../publish/revision-memory.ts";
import type { RestingWriter } from "../publish/shared-writer.ts";
import { KafkaSink } from "../publish/sinks/kafka-sink.ts";
import type { Topics } from "../publish/topics.ts";
import { recordName } from "../publish/write-batches.ts";

/** How changes leave, and what is done when there is nothing to write for a while. */
export interface Delivery {
  readonly sink: Publisher;
  /** Lets go of connections until the next write; `isComplete` after a complete drain. */
  readonly rest: (isComplete: boolean) => Promise<void>;
}

export interface DeliveryOptions extends Omit<PublisherOptions, "sink"> {
  readonly topics: Pick<Topics, "prepare" | "refused">;
}

export function atLeastOnce(
  writer: RestingWriter,
  options: DeliveryOptions,
): Delivery {
  const sink = new KafkaSink({ ...options, writer });
  return deliveryTo(new Publisher({ ...options, sink }), sink);
}

export interface TransactionOptions
  extends DeliveryOptions, Pick<TransactionalSinkOptions, "emptyJournal"> {
  readonly compression: Compression;
  readonly mayWrite?: MayWrite;
  /** Taken while the journal is read; shared by those who read at the same time. */
  readonly semaphore?: Semaphore;
  /** Told of a record of the journal that is skipped. */
  readonly unreadable?: JournalListener["unreadable"];
}

/** `device` is the one whose entries in the journal count. */
export function exactlyOnce(
  kafka: Kafka,
  device: string,
  options: TransactionOptions,
): Delivery {
  const { mayWrite = () => undefined } = options;
  const { semaphore = new Semaphore(1), unreadable = () => undefined } =
    options;
  const { router, revisions = new RevisionMemory() } = options;
  const journal = new Journal(device, {
    unreadable,
    published: (type, recordKey, revision) => {
      const name = recordName({ type, recordKey }, router.nameOf(type));
      revisions.note(fingerprint(name), revision, NOT_CONFIRMED);
    },
  });
  const writer = new TransactionalWriter({
    ...options,
    kafka,
    journal,
    mayWrite,
    semaphore,
  });
  const sink = new TransactionalSink({ ...options, writer, journal });
  return deliveryTo(new Publisher({ ...options, sink, revisions }), sink);
}

function deliveryTo(
  publisher: Publisher,
  sink: KafkaSink | TransactionalSink,
): Delivery {
  return { sink: publisher, rest: (isComplete) => sink.rest(isComplete) };
}
