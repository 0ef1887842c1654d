import type {
  Author,
  KafkaRecord,
  KafkaWriter,
} from "../../kafka/write/kafka-writer.ts";
import type { Clock } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { Sink, SinkTopics, WriteRefusal } from "../sink.ts";
import { refusalIn } from "./classify-failure.ts";

/** The connections by which the connectors of a cluster write, one after the other. */
export class SharedWriter {
  readonly writer: Pick<KafkaWriter, "write" | "rest">;
  readonly semaphore = new Semaphore(1);
  /** Authors that have written since they rested last. */
  readonly active = new Set<Author>();

  constructor(writer: Pick<KafkaWriter, "write" | "rest">) {
    this.writer = writer;
  }
}

export interface KafkaSinkOptions {
  readonly shared: SharedWriter;
  /** What the author may no longer write is not sent. */
  readonly author: Author;
  readonly topics: SinkTopics;
  readonly clock: Clock;
}

/** Writes to Kafka, at least once: idempotent within the life of a process. */
export class KafkaSink implements Sink {
  readonly #options: KafkaSinkOptions;

  constructor(options: KafkaSinkOptions) {
    this.#options = options;
  }

  get topics(): SinkTopics {
    return this.#options.topics;
  }

  write(
    batches: readonly (readonly KafkaRecord[])[],
    signal: AbortSignal,
  ): Promise<WriteRefusal | null> {
    const { shared, author, clock } = this.#options;
    const { writer, semaphore, active } = shared;
    active.add(author);
    return refusalIn(
      semaphore.run(
        () => writer.write(author, batches, clock.epochMs(), signal),
        signal,
      ),
      () => batches.flatMap((batch) => author.producer.confirmedOf(batch)),
    );
  }

  /** Closes the connections once all who share them rest. */
  async rest(): Promise<void> {
    const { shared, author } = this.#options;
    const { writer, active } = shared;
    if (active.delete(author) && active.size === 0) await writer.rest();
  }

  close(): Promise<void> {
    return this.rest();
  }
}
