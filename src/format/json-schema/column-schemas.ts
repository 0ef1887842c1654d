import { isObject, objectIn, type JsonObject } from "../../json/parsed.ts";
import { isGeneric } from "../avro/schemas.ts";
import {
  columnOf,
  COLUMNS,
  columnTypes,
  LAYOUT,
  propertiesOf,
  TABLE,
  type Column,
} from "../columns/column.ts";
import { plannedTable, type KnownColumns } from "../columns/planned-table.ts";
import type { Table } from "../columns/table.ts";
import { readRowSchema, schemaNameFor } from "../schema-files.ts";
import type { ColumnSchemas, ValueShape } from "../value-format.ts";
import { words } from "./columns.ts";
import {
  jsonSchemaText,
  open,
  valueSchemaText,
  type JsonSchema,
  type RowSchema,
} from "./schemas.ts";

/** The JSON Schemas of rows with a column for each value. */
export const columnSchemas: ColumnSchemas = {
  text: columnsText,
  isOne: (text, shape) => columnsIn(text)?.shape === shape,
};

const TYPE = "sell.column";

function columnsText(
  type: string | null,
  shape: ValueShape,
  { latest, fields }: KnownColumns,
): string {
  const name = schemaNameFor(type);
  const { doc, ...committed } = JSON.parse(readRowSchema(name)) as RowSchema;
  if (isGeneric(committed.fields)) return jsonSchemaText(type, shape);
  const earlier = latest === null ? null : columnsIn(latest);
  const { columns } = plannedTable(name, earlier?.table ?? null, fields);
  const row: JsonSchema = {
    title: `com.zendesk.sell.${name}.Value`,
    description: `${doc} The descriptions tell what each column holds; each may be missing or null.`,
    $comment: JSON.stringify({ [LAYOUT]: COLUMNS, [TABLE]: name }),
    ...open(columns.map((column) => [column.name, columnSchema(column)])),
  };
  return valueSchemaText(name, shape, row);
}

/**
 * The properties are JSON in a comment: the validators of some registries' clients refuse keywords
 * that they don't know.
 */
function columnSchema(column: Column): JsonSchema {
  const { type } = column;
  const properties = { [TYPE]: type, ...propertiesOf(column) };
  return { description: words[type], $comment: JSON.stringify(properties) };
}

/** The properties in the comment of a schema; empty when it has none. */
function propertiesIn(schema: unknown): JsonObject {
  const comment = isObject(schema) ? schema["$comment"] : null;
  return (typeof comment === "string" ? parsed(comment) : null) ?? {};
}

export interface ColumnsFound {
  readonly table: Table;
  readonly shape: ValueShape;
  /** The type of the records. */
  readonly type: string;
}

/** The columns in the text of a JSON Schema; null when it has none. */
export function columnsIn(text: string): ColumnsFound | null {
  const schema = parsed(text);
  const row = objectIn(objectIn(schema, "definitions"), "Value") ?? schema;
  const said = propertiesIn(row);
  if (row === null || said[LAYOUT] !== COLUMNS) return null;
  return {
    table: { columns: columnsOf(objectIn(row, "properties") ?? {}) },
    shape: row === schema ? "row" : "envelope",
    type: String(said[TABLE]),
  };
}

function columnsOf(properties: JsonObject): readonly Column[] {
  return Object.entries(properties).map(([name, property]) => {
    const said = propertiesIn(property);
    const type = columnTypes.find((one) => one === said[TYPE]) ?? "json";
    return columnOf(name, said, type);
  });
}

function parsed(text: string): JsonObject | null {
  try {
    const schema = JSON.parse(text) as unknown;
    return isObject(schema) ? schema : null;
  } catch {
    return null;
  }
}
