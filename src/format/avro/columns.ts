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
import type { ColumnCodec, ReadValue, Table } from "../columns/table.ts";
import { decimalText, toDecimal } from "../scalars/decimal.ts";
import { UNFIT } from "../scalars/scalars.ts";
import type { AvroField, AvroSchema, RowSchema } from "./schemas.ts";

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

/** The table of a record schema whose fields are columns. */
export function tableOf(fields: readonly AvroField[]): Table {
  return {
    columns: fields.map((field) =>
      columnOf(field.name, field, columnTypeOf(field.type)),
    ),
  };
}

/** Reads milliseconds where `read` yields microseconds; a finer time does not fit. */
function inMillis(read: ReadValue): ReadValue {
  return (json, span) => {
    const micros = read(json, span);
    if (typeof micros !== "bigint") return micros;
    return micros % 1_000n === 0n ? micros / 1_000n : UNFIT;
  };
}

const isoTime = (millis: unknown) => isoTimeAt((millis as bigint) * 1_000n);
const text = (value: unknown) => JSON.stringify(value);

/** Values as avsc writes and reads them. */
export const avroCodec: ColumnCodec = {
  neverNull: new Set(),
  read: {
    ...readers,
    timestamp: inMillis(readers.timestamp),
    "local-timestamp": inMillis(readers["local-timestamp"]),
    decimal: (json, span) => toDecimal(json, span, decimalSize),
  },
  fromText: (value) => value,
  toJson: {
    long: String,
    string: text,
    boolean: String,
    decimal: (value) => decimalText(value as Buffer, decimalSize.scale),
    timestamp: (value) => text(`${isoTime(value)}Z`),
    "local-timestamp": (value) => text(isoTime(value)),
    date: (value) => text(isoDateAt(value as number)),
    longs: (value) => jsonListOf(value, String),
    strings: (value) => jsonListOf(value, text),
    json: String,
  },
};
