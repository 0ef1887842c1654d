import { jsonTextIn } from "../../format/value-text.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import { anyTopic, type Sink } from "../sink.ts";

/** Prints each record as one line of JSON: `{"topic", "key", "headers", "value"}`. */
export class StdoutSink implements Sink {
  readonly topics = anyTopic;
  readonly #print: (text: string) => Promise<void>;

  /** `print` resolves once the text has left the process. */
  constructor(print: (text: string) => Promise<void>) {
    this.#print = print;
  }

  async write(batches: readonly (readonly KafkaRecord[])[]): Promise<null> {
    await this.#print(batches.flat().map(toLine).join(""));
    return null;
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** JSON text is put in as it is, so that no digit of it changes. */
function toLine({ topic, key, headers, value }: KafkaRecord): string {
  const start = JSON.stringify({ topic, key, headers }).slice(0, -1);
  return `${start},"value":${toJson(value).replaceAll(/[\r\n]+/g, " ")}}\n`;
}

/** A value as JSON: its own text, or base64 when it is binary. */
function toJson(value: Buffer | null): string {
  if (value === null) return "null";
  return jsonTextIn(value) ?? JSON.stringify(value.toString("base64"));
}
