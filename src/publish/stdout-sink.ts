import type { Encoder } from "../format/encoder.ts";
import { jsonTextIn } from "../format/value-text.ts";
import { deadLetterHeaders, letterKey } from "./dead-letter-records.ts";
import type { Router } from "./router.ts";
import type { Item } from "../domain/change.ts";
import { RecordFault } from "../domain/faults.ts";
import type { Sink } from "../domain/ports.ts";
import { Settled, type Outcome } from "../domain/settled.ts";

export interface StdoutSinkOptions {
  readonly encoder: Encoder;
  readonly router: Router;
  readonly deadLetterTopic: string;
  readonly connectorName: string;
  /** Resolves once the text has left the process. */
  readonly write: (text: string) => Promise<void>;
}

/** Prints each event as one line of JSON: `{"topic", "key", "headers", "value"}`. */
export class StdoutSink implements Sink {
  readonly #options: StdoutSinkOptions;

  constructor(options: StdoutSinkOptions) {
    this.#options = options;
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    return Settled.once(this.#print(items, signal));
  }

  async #print(
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    let lines = "";
    for (const item of items) {
      const { text, outcome } = await this.#lines(item, signal);
      lines += text;
      outcomes.push(outcome);
    }
    await this.#options.write(lines);
    return outcomes;
  }

  async #lines(
    item: Item,
    signal: AbortSignal,
  ): Promise<{ text: string; outcome: Outcome }> {
    const { encoder, router } = this.#options;
    try {
      if (item.kind === "malformed")
        throw new RecordFault("decode", item.problem);
      const key = router.keyOf(item);
      const topic = router.topic(item.type);
      await encoder.prepare(item.type, topic, signal);
      const lines = encoder
        .encode(item, topic)
        .map(({ headers, value }) =>
          line(topic, key, headers, value === null ? "null" : printed(value)),
        );
      return {
        text: lines.join(""),
        outcome: { item, fate: { kind: "published" } },
      };
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      return this.#deadLetter(item, error);
    }
  }

  #deadLetter(item: Item, fault: RecordFault) {
    const { deadLetterTopic, connectorName, router } = this.#options;
    const key = letterKey(item, router);
    const originalTopic = item.type === null ? null : router.nameOf(item.type);
    const headers = deadLetterHeaders(
      { item, fault, originalTopic },
      connectorName,
    );
    const { stage, message: reason } = fault;
    const outcome: Outcome = {
      item,
      fate: { kind: "dead-lettered", stage, reason },
    };
    const text = line(
      deadLetterTopic,
      key,
      headers,
      item.item.toString("utf8"),
    );
    return { text, outcome };
  }
}

/** A value as JSON: its own text, or base64 when it is binary. */
function printed(value: Buffer): string {
  return jsonTextIn(value) ?? JSON.stringify(value.toString("base64"));
}

/** `value` is JSON text, put in as it is so that no digit of it changes. */
function line(
  topic: string,
  key: string,
  headers: Readonly<Record<string, string>>,
  value: string,
): string {
  const start = JSON.stringify({ topic, key, headers }).slice(0, -1);
  return `${start},"value":${value.replaceAll(/[\r\n]+/g, " ")}}\n`;
}
