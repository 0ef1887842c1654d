import type { Change } from "../../domain/change.ts";
import { cutText } from "../../lib/text/cut-text.ts";
import {
  TopicSchemas,
  type TopicSchemasOptions,
} from "../schema-registry/topic-schemas.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import type { WireWriter } from "./wire-writer.ts";

/**
 * Writes a change. Returns the path of the first part that does not fit the schema, with anything
 * in `out`; null when everything is written.
 */
export type ChangeWriter = (out: WireWriter, change: Change) => string | null;

/**
 * Writes a record's JSON text. Returns the name of the member or field that the schema can't hold
 * or miss; null when everything is written.
 */
export type RowWriter = (out: WireWriter, data: Buffer) => string | null;

/** The schema and writers of the values of one topic. */
export interface WireSchema {
  readonly schemaId: number;
  /** The bytes before each value. */
  readonly head: Buffer;
  readonly write: ChangeWriter;
}

const LONGEST_NAME_BYTES = 200;

/**
 * Creates the writer of a format whose values are bytes behind a head. Values are written into
 * `out` one after the other, and each is copied when it is whole. `remedy` says which schema would
 * have a place for what does not fit.
 */
export function wireValueWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
  {
    out,
    remedy,
    compile,
  }: Pick<TopicSchemasOptions<WireSchema>, "compile"> & {
    readonly out: WireWriter;
    readonly remedy: string;
  },
): ValueWriter {
  const { registry } = options;
  const topics = new TopicSchemas<WireSchema>({ ...options, schemas, compile });
  const write = (change: Change, topic: string) => {
    const { head, write: writeInto } = topics.of(topic);
    out.rewind(0);
    out.raw(head);
    const misfit = writeInto(out, change);
    if (misfit === null) return out.written();
    const path = cutText(misfit, LONGEST_NAME_BYTES);
    throw topics.misfit(
      topic,
      `a ${change.type} record does not fit its schema at ${path}`,
      remedy,
    );
  };
  return {
    schemaUrl: (topic) => registry.schemaUrl(topics.of(topic).schemaId),
    prepare: (type, topic, signal) => topics.prepare(type, topic, signal),
    // A topic's schema is that of one shape.
    row: write,
    envelope: write,
  };
}
