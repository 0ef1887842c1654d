import { Turns } from "../pipeline/turns.ts";
import type { KafkaWriter, MayWrite, Writer } from "./producer.ts";

/** A writer that lets go of its connections until the next write. */
export interface RestingWriter extends Writer {
  rest(): Promise<void>;
}

/**
 * One producer for several connectors. Their writes take turns, so that there is one at a time,
 * and the producer rests once all of them do.
 */
export class SharedWriter {
  readonly #writer: Pick<KafkaWriter, "writeIf" | "rest">;
  readonly #awake = new Set<RestingWriter>();
  readonly #turns = new Turns(1);

  constructor(writer: Pick<KafkaWriter, "writeIf" | "rest">) {
    this.#writer = writer;
  }

  /** One connector's part; what it may no longer write is not sent. */
  join(mayWrite: MayWrite): RestingWriter {
    const part: RestingWriter = {
      write: async (batches, timestampMs, signal) => {
        this.#awake.add(part);
        await this.#turns.take(
          () => this.#writer.writeIf(mayWrite, batches, timestampMs, signal),
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
