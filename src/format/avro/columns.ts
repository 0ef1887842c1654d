import { columnTypeOf } from "../columns/base-columns.ts";
import { isoDateAt, isoTimeAt } from "../columns/calendar.ts";
import {
  COLUMNS,
  columnOf,
  decimalSize,
  LAYOUT,
  propertiesOf,
  TABLE,
  type Column,
  type ColumnType,
} from "../columns/column.ts";
import { jsonListOf, readers } from "../columns/values.ts";
import type { ColumnCodec, Table } from "../columns/table.ts";
import { decimalText, toDecimal } from "../scalars/decimal.ts";
import type { AvroField, AvroSchema, RowSchema } from "./schemas.ts";

/** The name by which Debezium's and Connect's tools know a `long` as microseconds. */
const MICROS = { "connect.name": "io.debezium.time.MicroTimestamp" };

const types: Readonly<Record<ColumnType, AvroSchema>> = {
  long: "long",
  string: "string",
  boolean: "boolean",
  decimal: { type: "bytes", logicalType: "decimal", ...decimalSize },
  timestamp: { type: "long", logicalType: "timestamp-micros", ...MICROS },
  "local-timestamp": {
    type: "long",
    logicalType: "local-timestamp-micros",
    ...MICROS,
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

/** The table of a record schema whose fields are columns. */
export function tableOf(fields: readonly AvroField[]): Table {
  return {
    columns: fields.map((field) =>
      columnOf(field.name, field, columnTypeOf(field.type)),
    ),
  };
}

const text = (value: unknown) => JSON.stringify(value);

/** Values as avsc writes and reads them. */
export const avroCodec: ColumnCodec = {
  neverNull: new Set(),
  read: {
    ...readers,
    decimal: (json, span) => toDecimal(json, span, decimalSize),
  },
  fromText: (value) => value,
  toJson: {
    long: String,
    string: text,
    boolean: String,
    decimal: (value) => decimalText(value as Buffer, decimalSize.scale),
    timestamp: (value) => text(`${isoTimeAt(value as bigint)}Z`),
    "local-timestamp": (value) => text(isoTimeAt(value as bigint)),
    date: (value) => text(isoDateAt(value as number)),
    longs: (value) => jsonListOf(value, String),
    strings: (value) => jsonListOf(value, text),
    json: String,
  },
};
