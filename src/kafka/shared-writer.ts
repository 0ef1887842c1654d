import { abortable } from "../pipeline/abortable.ts";
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
  #line: Promise<unknown> = Promise.resolve();

  constructor(writer: Pick<KafkaWriter, "writeIf" | "rest">) {
    this.#writer = writer;
  }

  /** One connector's part; what it may no longer write is not sent. */
  join(mayWrite: MayWrite): RestingWriter {
    const part: RestingWriter = {
      write: (batches, timestampMs, signal) => {
        this.#awake.add(part);
        return this.#inTurn(
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

  async #inTurn(
    write: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const before = this.#line;
    const mine = Promise.withResolvers<undefined>();
    this.#line = before.then(() => mine.promise);
    try {
      await abortable(before, signal);
      await write();
    } finally {
      mine.resolve(undefined);
    }
  }
}
