import {
  COLUMNS,
  columnOf,
  columnTypes,
  decimalSize,
  LAYOUT,
  propertiesOf,
  TABLE,
  type Column,
  type ColumnType,
} from "../../columns/column.ts";
import type { Table } from "../../columns/table.ts";
import type { AvroField, AvroSchema, RowSchema } from "../schemas.ts";

/** The name by which Connect knows a `long` of milliseconds as a time, and so every sink. */
const TIME = { "connect.name": "org.apache.kafka.connect.data.Timestamp" };

const types: Readonly<Record<ColumnType, AvroSchema>> = {
  long: "long",
  string: "string",
  boolean: "boolean",
  decimal: { type: "bytes", logicalType: "decimal", ...decimalSize },
  timestamp: { type: "long", logicalType: "timestamp-millis", ...TIME },
  "local-timestamp": {
    type: "long",
    logicalType: "local-timestamp-millis",
    ...TIME,
  },
  date: { type: "int", logicalType: "date" },
  longs: { type: "array", items: "long" },
  strings: { type: "array", items: "string" },
  json: "string",
};

/** The record schema of a table's rows. */
export function tableSchema(
  { name, doc }: { readonly name: string; readonly doc: string },
  type: string,
  { columns }: Table,
): RowSchema {
  return {
    ...{ type: "record", namespace: "com.zendesk.sell" },
    ...{ [LAYOUT]: COLUMNS, [TABLE]: type },
    name,
    doc,
    fields: columns.map(fieldOf),
  };
}

function fieldOf(column: Column): AvroField {
  return {
    name: column.name,
    type: ["null", types[column.type]],
    default: null,
    ...propertiesOf(column),
  };
}

/** The table of a record schema whose fields are columns. A field of a type that no column has is none. */
export function tableOf(fields: readonly AvroField[]): Table {
  return { columns: fields.flatMap((field) => columnIn(field) ?? []) };
}

/** The column that a field holds; null when it holds none. */
export function columnIn(field: AvroField): Column | null {
  const branches = field.type instanceof Array ? field.type : [field.type];
  const [branch, another] = branches.filter((one) => one !== "null");
  if (branch === undefined || another !== undefined) return null;
  const type = columnTypes.find((one) => isSameType(types[one], branch));
  return type === undefined ? null : columnOf(field.name, field, type);
}

/** Whether values of one type are written like those of the other. */
function isSameType(a: AvroSchema, b: AvroSchema): boolean {
  return JSON.stringify(written(a)) === JSON.stringify(written(b));
}

/** Returns the part of a type that decides how its values are written. */
function written(schema: AvroSchema): unknown {
  if (typeof schema === "string" || schema instanceof Array) return schema;
  const { type, logicalType, precision, scale, items } = schema;
  const isPlain = logicalType === undefined && items === undefined;
  return isPlain ? type : { type, logicalType, precision, scale, items };
}
