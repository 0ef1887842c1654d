import { isUtf8 } from "node:buffer";
import { bodyOf, schemaIdIn } from "../../../format/schema-registry/frame.ts";
import type { ValueReaders } from "../../../format/schema-registry/value-readers.ts";
import { cutText } from "../../../lib/text/cut-text.ts";
import {
  headerOf,
  type StoredRecord,
} from "../../../kafka/read/partition-reader.ts";

/** Why a record is not what this connector writes. */
export interface Foreign {
  readonly why: "noHeaders" | "otherConnector" | "unreadableValue";
  /** The connector that the record names; null when it names none. */
  readonly connector: string | null;
  /** The look of its value, such as `JSON object, 30 bytes`. */
  readonly value: string;
}

const LONGEST_NAME_BYTES = 200;

/** Tells the records of one connector from all others, by their headers and whether their values can be read. */
export class ForeignCheck {
  readonly #connector: string;
  readonly #readers: ValueReaders;
  #hasRegistry = true;

  constructor(connector: string, readers: ValueReaders) {
    this.#connector = connector;
    this.#readers = readers;
  }

  /** Prepares for these records. A registry that does not answer makes no record foreign. */
  async prepare(
    records: readonly StoredRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.#hasRegistry) return;
    try {
      await this.#readers.prepare(
        records.map(({ value }) => value),
        signal,
      );
    } catch {
      signal.throwIfAborted();
      this.#hasRegistry = false;
    }
  }

  /** Why a prepared record is foreign; null for the connector's own. */
  of(record: StoredRecord): Foreign | null {
    const name = headerOf(record, "sell.connector");
    const connector = name === null ? null : cutText(name, LONGEST_NAME_BYTES);
    const why =
      name === null
        ? "noHeaders"
        : name !== this.#connector
          ? "otherConnector"
          : this.#isReadable(record.value)
            ? null
            : "unreadableValue";
    return why === null
      ? null
      : { why, connector, value: looksOf(record.value) };
  }

  #isReadable(value: Buffer | null): boolean {
    if (value === null) return true;
    const isFramed = schemaIdIn(value) !== null;
    if (isFramed && !this.#hasRegistry) return true;
    try {
      this.#readers.read(value);
      return true;
    } catch {
      return false;
    }
  }
}

/** Why a record is foreign, as the end of a sentence. */
export function foreignText({ why, connector, value }: Foreign): string {
  const reasons = {
    noHeaders: "it has no headers of sell-kafka",
    otherConnector: `the connector ${connector ?? "-"} wrote it`,
    unreadableValue: "its value can't be read",
  };
  return `${reasons[why]}; its value is ${value}`;
}

/** Describes the look of a value, without its contents. */
function looksOf(value: Buffer | null): string {
  if (value === null) return "a tombstone";
  const schema = schemaIdIn(value);
  const body = schema === null ? value : bodyOf(value);
  const behind = schema === null ? "" : ` behind schema id ${schema}`;
  return `${kindOf(body)}${behind}, ${value.length} bytes`;
}

function kindOf(body: Buffer): string {
  if (!isUtf8(body)) return "binary";
  const text = body.toString("utf8");
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return "a JSON array";
    return parsed !== null && typeof parsed === "object"
      ? "a JSON object"
      : "a JSON value";
  } catch {
    return /\p{Cc}/u.test(text.replaceAll(/[\n\r\t]/g, "")) ? "binary" : "text";
  }
}
