import {
  plannedTable,
  type KnownColumns,
} from "../../columns/planned-table.ts";
import type { Table } from "../../columns/table.ts";
import { readRowSchema, schemaNameFor } from "../../schema-files.ts";
import type { ColumnSchemas, ValueShape } from "../../value-format.ts";
import { tableOf, tableSchema } from "./table.ts";
import { fieldsOf, rowWithin } from "../row-within.ts";
import {
  envelopeOf,
  isGeneric,
  isOfColumns,
  schemaText,
  type AvroSchema,
  type RowSchema,
} from "../schemas.ts";

/** The Avro schemas of rows with a column for each value. */
export const columnSchemas: ColumnSchemas = {
  text: columnsText,
  isOne: (text, shape) => rowOfColumns(text)?.shape === shape,
};

function columnsText(
  type: string | null,
  shape: ValueShape,
  { latest, fields }: KnownColumns,
): string {
  const schemaName = schemaNameFor(type);
  const committed = JSON.parse(readRowSchema(schemaName)) as RowSchema;
  if (isGeneric(committed.fields)) return schemaText(type, shape);
  const earlier = latest === null ? null : earlierTable(latest);
  const table = plannedTable(schemaName, earlier, fields);
  const row = tableSchema(committed, schemaName, table);
  return JSON.stringify(shape === "row" ? row : envelopeOf(schemaName, row));
}

function earlierTable(text: string): Table | null {
  const found = rowOfColumns(text);
  return found === null ? null : tableOf(fieldsOf(found.row));
}

/** The record schema of columns in a schema's text; null when it has none. */
function rowOfColumns(
  text: string,
): { readonly row: AvroSchema; readonly shape: ValueShape } | null {
  try {
    const schema = JSON.parse(text) as AvroSchema;
    if (isOfColumns(schema)) return { row: schema, shape: "row" };
    const row = rowWithin(schema);
    return isOfColumns(row) ? { row, shape: "envelope" } : null;
  } catch {
    return null;
  }
}
