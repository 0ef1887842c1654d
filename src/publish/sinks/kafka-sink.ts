import type { Clock } from "../../lib/clock.ts";
import type { KafkaRecord } from "../../kafka/write/producer.ts";
import type { RestingWriter } from "../shared-writer.ts";
import type { Sink } from "../sink.ts";
import type { Topics } from "../topics/topics.ts";
import { toWriteFault } from "./write-faults.ts";

export interface KafkaSinkOptions {
  readonly writer: RestingWriter;
  readonly topics: Pick<Topics, "prepare" | "refused">;
  readonly clock: Clock;
}

/** Writes to Kafka, at least once: idempotent within the life of a process. */
export class KafkaSink implements Sink {
  readonly #options: KafkaSinkOptions;

  constructor(options: KafkaSinkOptions) {
    this.#options = options;
  }

  prepare(topics: readonly string[], signal: AbortSignal) {
    return this.#options.topics.prepare(topics, signal);
  }

  refused(topic: string, error: unknown, signal: AbortSignal) {
    return this.#options.topics.refused(topic, error, signal);
  }

  async write(
    batches: readonly (readonly KafkaRecord[])[],
    signal: AbortSignal,
  ): Promise<void> {
    const { writer, clock } = this.#options;
    try {
      await writer.write(batches, clock.epochMs(), signal);
    } catch (error) {
      throw toWriteFault(error);
    }
  }

  rest(): Promise<void> {
    return this.#options.writer.rest();
  }
}
