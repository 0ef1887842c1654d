import type { CustomFields } from "../../domain/custom-fields.ts";
import { TABLE } from "../columns/column.ts";
import { tableMeaning } from "../columns/record-text.ts";
import type { Row } from "../columns/table.ts";
import type { ValueReader } from "../value-format.ts";
import { avroCodec } from "./columns/codec.ts";
import { tableOf } from "./columns/table.ts";
import { compile } from "./long.ts";
import { rowMeaning, type RowMeaning } from "./row-meaning.ts";
import { fieldsOf, rowWithin } from "./row-within.ts";
import { isOfColumns, type AvroSchema } from "./schemas.ts";

/** Reads the values of one Avro schema. Throws when the schema is none. */
export function avroReader(
  schemaText: string,
  customFields: CustomFields | null,
): ValueReader {
  const schema = JSON.parse(schemaText) as AvroSchema;
  const isEnvelope = fieldsOf(schema).some(({ name }) => name === "after");
  const row = isEnvelope ? rowWithin(schema) : schema;
  const meaning = isOfColumns(row)
    ? meaningOfColumns(row, customFields)
    : rowMeaning(row);
  const type = compile(schema);
  return {
    read(body) {
      const value = type.fromBuffer(body) as unknown;
      if (!isEnvelope) return meaning.ofRow(value);
      const { after } = value as { after: unknown };
      return after === null ? null : meaning.ofRow(after);
    },
    canonical: (data) => meaning.ofJson(data),
  };
}

function meaningOfColumns(
  row: AvroSchema,
  customFields: CustomFields | null,
): RowMeaning {
  const type = String((row as Readonly<Record<string, unknown>>)[TABLE]);
  const fields = customFields?.of(type) ?? null;
  const meaning = tableMeaning(tableOf(fieldsOf(row)), avroCodec, fields);
  return {
    ofJson: (data) => meaning.ofJson(data),
    ofRow: (value) => meaning.ofRow(value as Row),
  };
}
