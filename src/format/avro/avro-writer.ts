import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { wireValueWriter, type WireSchema } from "../wire/wire-value-writer.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { recordWriter } from "./change-writer.ts";
import { envelopeWriter } from "./envelope-writer.ts";
import { compile } from "./long.ts";
import { compiledRowWithin } from "./row-within.ts";
import type { AvroSchema } from "./schemas.ts";

const REMEDY =
  'that has a place for it, such as a field "extra", a map of strings';

const out = new WireWriter(2);

export function avroWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  return wireValueWriter(options, schemas, {
    out,
    remedy: REMEDY,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });
}

function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { shape, origin, columns = null }: RegisteredWriterOptions,
): WireSchema {
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
