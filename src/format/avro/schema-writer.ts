import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import type { RegisteredWriterOptions } from "../value-format.ts";
import type { WireSchema } from "../wire/wire-value-writer.ts";
import { recordWriter } from "./change-writer.ts";
import { compiledRowWithin } from "./compiled-schema.ts";
import { envelopeWriter } from "./envelope-writer.ts";
import { compile } from "./long.ts";
import type { AvroSchema } from "./schemas.ts";

/** Compiles a registered schema to what writes values by it. Throws when no record can be written by it. */
export function schemaWriter(
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
