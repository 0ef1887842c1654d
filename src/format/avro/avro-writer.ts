import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { wireValueWriter } from "../wire/wire-value-writer.ts";
import { WireWriter } from "../wire/wire-writer.ts";

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
    // avsc is loaded only where it is needed.
    compile: async (schema, fields) =>
      (await import("./schema-writer.ts")).schemaWriter(
        schema,
        fields,
        options,
      ),
  });
}
