import { isGeneric, type AvroField } from "../../avro/schemas.ts";
import type { Column, ColumnType } from "../../columns/column.ts";
import {
  plannedTable,
  type KnownColumns,
} from "../../columns/planned-table.ts";
import { readRowSchema, schemaNameFor } from "../../schema-files.ts";
import type { ValueShape } from "../../value-format.ts";
import { fieldNumbers, type FieldNumbers } from "../field-numbers.ts";
import { firstMessage, parsedFile, rowWithin } from "../parsed.ts";
import {
  AMOUNT,
  fileText,
  protoText,
  TIMESTAMP,
  type Field,
} from "../schemas.ts";
import { columnNumbers } from "./numbers.ts";
import { declarationOf, OPTION, optionOf } from "./option.ts";
import { columnFields, hasColumns, type ColumnField } from "./table.ts";

/** The .proto text for rows with a column for each value. */
export function columnsText(
  type: string | null,
  shape: ValueShape,
  { latest, fields }: KnownColumns,
): string {
  const name = schemaNameFor(type);
  const row = JSON.parse(readRowSchema(name)) as {
    readonly doc: string;
    readonly fields: readonly AvroField[];
  };
  if (isGeneric(row.fields)) return protoText(type, shape);
  const earlier = latest === null ? [] : (foundIn(latest)?.fields ?? []);
  const before = { columns: earlier.map(({ column }) => column) };
  const table = plannedTable(name, before, fields);
  const members = row.fields.map((field) => field.name);
  const numbers = columnNumbers(name, table, members, numbersIn(earlier));
  const message = {
    ...{ name: "Value", key: name, doc: row.doc, nested: [] },
    fields: table.columns.map(fieldOf),
  };
  const numbersOf = (key: string) =>
    key === name ? numbers : fieldNumbers(key);
  return fileText(name, shape, message, numbersOf, declarationOf(name));
}

/** Whether a text is the schema of columns in a shape. */
export function isOfColumns(text: string, shape: ValueShape): boolean {
  return foundIn(text)?.shape === shape;
}

interface Found {
  readonly fields: readonly ColumnField[];
  readonly shape: ValueShape;
}

/** The columns in a .proto text; null when it has none. */
function foundIn(text: string): Found | null {
  try {
    const file = parsedFile(text);
    if (!hasColumns(file)) return null;
    const first = firstMessage(file);
    const within = rowWithin(first);
    return {
      fields: columnFields(within ?? first),
      shape: within === null ? "row" : "envelope",
    };
  } catch {
    return null;
  }
}

function numbersIn(earlier: readonly ColumnField[]): FieldNumbers {
  return Object.fromEntries(earlier.map(({ field }) => [field.name, field.id]));
}

const protoTypes: Readonly<Record<ColumnType, string>> = {
  long: "optional int64",
  string: "optional string",
  boolean: "optional bool",
  decimal: "optional string",
  timestamp: TIMESTAMP,
  "local-timestamp": "optional string",
  date: "optional string",
  longs: "repeated int64",
  strings: "repeated string",
  json: "optional string",
};

const docs: Partial<Readonly<Record<ColumnType, string>>> = {
  decimal: AMOUNT,
  "local-timestamp":
    "A date and time without a zone, such as 2026-04-28T06:00:00.",
  date: "A date, such as 2026-04-27.",
  json: "The text of a JSON value.",
};

function fieldOf(column: Column): Field {
  const { name, type } = column;
  const option = optionOf(column);
  return {
    name,
    type: protoTypes[type],
    doc: docs[type],
    options: option === null ? undefined : `[(${OPTION}) = "${option}"]`,
  };
}
