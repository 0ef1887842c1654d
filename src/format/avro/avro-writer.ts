import type { Change } from "../../domain/change.ts";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { cutText } from "../../lib/text/cut-text.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import { TopicSchemas } from "../schema-registry/topic-schemas.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { recordWriter, type ChangeWriter } from "./change-writer.ts";
import { envelopeWriter } from "./envelope-writer.ts";
import { compile } from "./long.ts";
import { compiledRowWithin } from "./row-within.ts";
import type { AvroSchema } from "./schemas.ts";

/** The schema and writers of the values of one topic. */
interface TopicSchema {
  readonly schemaId: number;
  /** The bytes before each value. */
  readonly head: Buffer;
  readonly write: ChangeWriter;
}

const REMEDY =
  'that has a place for it, such as a field "extra", a map of strings';
const LONGEST_NAME_BYTES = 200;

/** Values are written one after the other, and each is copied when it is whole. */
const out = new WireWriter(2);

export function avroWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { registry } = options;
  const topics = new TopicSchemas<TopicSchema>({
    ...options,
    schemas,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });

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
      REMEDY,
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

function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { shape, origin, columns = null }: RegisteredWriterOptions,
): TopicSchema {
  const schema = JSON.parse(text) as AvroSchema;
  const value = { schema, type: compile(schema) };
  const isRow = shape === "row";
  const row = isRow ? value : compiledRowWithin(value);
  const writeRow = recordWriter(row, columns !== null, fields);
  const head = Buffer.alloc(HEAD_BYTES);
  writeHead(head, id);
  return {
    schemaId: id,
    head,
    write: isRow ? writeRow : envelopeWriter(value.type, origin, writeRow),
  };
}
