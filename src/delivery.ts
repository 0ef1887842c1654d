import type { Kafka } from "kafkajs";
import type { Compression } from "./kafka/compression.ts";
import { ExactlyOncePublisher } from "./kafka/exactly-once-publisher.ts";
import { Journal } from "./kafka/journal.ts";
import { KafkaWriter } from "./kafka/producer.ts";
import { Publisher, type PublisherOptions } from "./kafka/publisher.ts";
import { TransactionalWriter } from "./kafka/transactional-writer.ts";
import type { Sink } from "./pipeline/ports.ts";

/** How changes leave, and what is done when there is nothing to write for a while. */
export interface Delivery {
  readonly sink: Sink;
  /** Lets go of connections until the next write; `isComplete` after a complete drain. */
  readonly rest: (isComplete: boolean) => Promise<void>;
}

export interface DeliveryOptions extends Omit<
  PublisherOptions,
  "writer" | "entriesFor"
> {
  readonly compression: Compression;
}

export function atLeastOnce(kafka: Kafka, options: DeliveryOptions): Delivery {
  const writer = new KafkaWriter(kafka, options.compression);
  const sink = new Publisher({ ...options, writer, entriesFor: () => [] });
  return { sink, rest: () => writer.rest() };
}

/** `device` is the one whose entries in the journal count. */
export function exactlyOnce(
  kafka: Kafka,
  device: string,
  options: DeliveryOptions,
): Delivery {
  const { clock } = options;
  const journal = new Journal(device);
  const writer = new TransactionalWriter({ ...options, kafka, journal });
  const publisher = new Publisher({
    ...options,
    writer,
    entriesFor: (item, fate) => journal.entriesFor(item, fate),
  });
  return {
    sink: new ExactlyOncePublisher({ ...options, publisher, writer, journal }),
    rest: async (isComplete) => {
      if (isComplete) journal.sessionCompleted(clock.epochMs());
      await writer.rest();
    },
  };
}
