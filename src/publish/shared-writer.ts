import { Semaphore } from "../lib/semaphore.ts";
import type { Author, KafkaWriter, Writer } from "../kafka/write/producer.ts";

/** A writer that lets go of its connections until the next write. */
export interface RestingWriter extends Writer {
  rest(): Promise<void>;
}

/**
 * The connections by which several connectors write. Their writes take turns, so that there is
 * one at a time, and the connections are closed once all of them rest.
 */
export class SharedWriter {
  readonly #writer: Pick<KafkaWriter, "write" | "rest">;
  readonly #awake = new Set<RestingWriter>();
  readonly #semaphore = new Semaphore(1);

  constructor(writer: Pick<KafkaWriter, "write" | "rest">) {
    this.#writer = writer;
  }

  /** One connector's part; what its author may no longer write is not sent. */
  join(author: Author): RestingWriter {
    const part: RestingWriter = {
      write: async (batches, timestampMs, signal) => {
        this.#awake.add(part);
        await this.#semaphore.run(
          () => this.#writer.write(author, batches, timestampMs, signal),
          signal,
        );
      },
      rest: async () => {
        if (this.#awake.delete(part) && this.#awake.size === 0)
          await this.#writer.rest();
      },
    };
    return part;
  }
}
