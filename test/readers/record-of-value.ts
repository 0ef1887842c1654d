import {
  columnTypes,
  type ColumnType,
} from "../../src/format/columns/column.ts";
import { plannedTable } from "../../src/format/columns/planned-table.ts";
import { recordText } from "../../src/format/columns/record-text.ts";
import type { AvroSchema } from "../../src/format/avro/schemas.ts";
import { readRowSchema } from "../../src/format/schema-files.ts";
import type { Row } from "../../src/format/columns/table.ts";
import { parsedExactly } from "../support/says-the-same.ts";
import { fuzzedCustomFields } from "./fuzz.ts";
import type { Target } from "./readers.ts";

type Members = Readonly<Record<string, unknown>>;

/** The record of Sell in the JSON text of a value that a reader read, as docs/formats.md describes it. */
export function recordOfValue(
  text: string,
  type: string,
  { format, layout, envelope }: Target,
): unknown {
  const value = parsedExactly(text) as Members;
  const row = (
    envelope === "change" ? (value["after"] ?? value["before"]) : value
  ) as Members;
  if (type === "hologram")
    return format === "json-schema" ? row : parsedExactly(String(row["data"]));
  if (layout === "columns") return recordOfColumns(row, type);
  return format === "json-schema" ? row : recordOfFields(row, type);
}

/** Members that have no place in their field are in `extra`. */
function recordOfFields(row: Members, type: string): Members {
  let schema = schemas.get(type);
  if (schema === undefined) {
    schema = JSON.parse(readRowSchema(type)) as AvroSchema;
    schemas.set(type, schema);
  }
  const { extra, ...fields } = withoutTexts(row, schema) as Members;
  return { ...fields, ...(extra as Members | undefined) };
}

const schemas = new Map<string, AvroSchema>();

/** A value with what the JSON texts in its maps stand for. */
function withoutTexts(value: unknown, schema: AvroSchema): unknown {
  if (value === null || value === undefined || typeof schema === "string")
    return value;
  if (schema instanceof Array)
    return withoutTexts(value, schema.find((one) => one !== "null") ?? "null");
  if (schema.type === "map")
    return mapped(value as Members, (name, text) => [
      nameOfKey(name),
      parsedExactly(String(text)),
    ]);
  if (schema.type === "array")
    return (value as readonly unknown[]).map((one) =>
      withoutTexts(one, schema.items ?? "null"),
    );
  if (schema.fields === undefined) return value;
  const types = new Map(schema.fields.map(({ name, type }) => [name, type]));
  return mapped(value as Members, (name, own) => [
    name,
    withoutTexts(own, types.get(name) ?? "null"),
  ]);
}

function mapped(
  members: Members,
  change: (name: string, value: unknown) => [string, unknown],
): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => change(name, value)),
  );
}

/** The name behind a key: half a surrogate pair is written as its escape sequence. */
function nameOfKey(key: string): string {
  return /\\u[\da-f]{4}/.test(key) ? (JSON.parse(`"${key}"`) as string) : key;
}

function recordOfColumns(row: Members, type: string): unknown {
  let toText = textOfColumns.get(type);
  if (toText === undefined) {
    const table = plannedTable(type, null, fuzzedCustomFields);
    toText = recordText(table, { toJson }, fuzzedCustomFields);
    textOfColumns.set(type, toText);
  }
  return parsedExactly(toText(row));
}

const textOfColumns = new Map<string, (row: Row) => string>();

const texts = Object.fromEntries(
  columnTypes.map((type) => [
    type,
    type === "json" ? String : (value: unknown) => JSON.stringify(value),
  ]),
) as Record<ColumnType, (value: unknown) => string>;

const toJson = {
  ...texts,
  timestamp: timeText,
  "local-timestamp": timeText,
};

/** Readers of Avro may give a time as its milliseconds. */
function timeText(value: unknown): string {
  const isNumber = typeof value === "string" && /^-?\d+$/.test(value);
  return JSON.stringify(isNumber ? new Date(Number(value)) : value);
}
