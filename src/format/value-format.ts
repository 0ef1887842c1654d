import type { Cause } from "../domain/cause.ts";
import type { Change } from "../domain/change.ts";
import type { CustomFields } from "../domain/custom-fields.ts";
import type { Clock } from "../lib/clock.ts";
import type { KnownColumns } from "./columns/planned-table.ts";
import type { Origin } from "./encoder.ts";
import type { Registry } from "./schema-registry/registry.ts";
import type { SchemaKind } from "./schema-registry/schema.ts";

/** What a value holds: the record alone, or the record within Debezium's envelope. */
export type ValueShape = "row" | "envelope";

/** A way to write values as bytes, whatever the envelope; `value-formats.ts` lists all of them. */
export type ValueFormat = PlainFormat | RegisteredFormat;

interface FormatFacts {
  /** The name for people. */
  readonly title: string;
  /** What it stands for, in a few words that follow its name. */
  readonly summary: string;
  readonly contentType: string;
}

/** A format that needs no schema registry. */
interface PlainFormat extends FormatFacts {
  readonly schemas: null;
  createWriter(options: WriterOptions): ValueWriter;
}

/** A format whose values name a schema in the registry. */
export interface RegisteredFormat extends FormatFacts {
  readonly schemas: SchemaSet;
  createWriter(options: RegisteredWriterOptions): ValueWriter;
}

export interface WriterOptions {
  readonly shape: ValueShape;
  readonly origin: Origin;
  readonly clock: Clock;
  /** False where one topic takes all types: the generic schema fits each of them. */
  readonly topicPerType: boolean;
}

export interface RegisteredWriterOptions extends WriterOptions {
  readonly registry: Registry;
  /** False: the schema that an operator registered last is used. */
  readonly autoRegister: boolean;
  /** The definitions and callbacks that the layout `columns` needs; missing or null for the nested one. */
  readonly columns?: ColumnsLayout | null;
}

export interface ColumnsLayout {
  readonly customFields: CustomFields;
  /** Told why a subject's registered schema stays in use, without its next version; null when that is over. */
  readonly schemaKept: (subject: string, why: Cause | null) => void;
}

/** Writes the values of one connector. `row` and `envelope` throw as `Encoder.encode` does. */
export interface ValueWriter {
  /** Where consumers find the schema of a topic's values; null when there is none. */
  schemaUrl(topic: string): string | null;
  prepare(type: string, topic: string, signal: AbortSignal): Promise<void>;
  /** The record alone. */
  row(change: Change, topic: string): Buffer;
  /** The record within Debezium's envelope. */
  envelope(change: Change, topic: string): Buffer;
}

/** The schemas of one format. */
export interface SchemaSet {
  /** What the registry calls this kind of schema. */
  readonly kind: SchemaKind;
  /** What people call one of them. */
  readonly title: string;
  /** The schema for values of a type; the generic one for null, and for a type without its own. */
  text(type: string | null, shape: ValueShape): string;
  /** The schemas of the layout `columns`. */
  readonly columns: ColumnSchemas;
  /**
   * Reads values that were written with a schema, with what is known of custom fields. Fails when
   * this program can't have written with it.
   */
  createReader(
    text: string,
    customFields: CustomFields | null,
  ): ValueReader | Promise<ValueReader>;
}

/** The schemas of one format in the layout `columns`. */
export interface ColumnSchemas {
  text(
    type: string | null,
    shape: ValueShape,
    known: KnownColumns,
  ): string | Promise<string>;
  /** Whether a text is the schema of values in this layout and shape. */
  isOne(text: string, shape: ValueShape): boolean | Promise<boolean>;
}

/** Reads the values of one schema back, to compare them with what Sell sends. */
export interface ValueReader {
  /** The record in a value's body, as canonical text; null for a deletion. Throws when it can't be read. */
  read(body: Buffer): string | null;
  /** The canonical text of a record that Sell sent as JSON: equal to what `read` returns for it. */
  canonical(data: Buffer): string;
}
