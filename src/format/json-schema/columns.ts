import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { members, type Span } from "../../json/members.ts";
import { isNullAt, textAt } from "../../json/values.ts";
import { isoDateAt, isoTimeAt } from "../columns/calendar.ts";
import { decimalSize, type ColumnType } from "../columns/column.ts";
import { rowReader } from "../columns/row-reader.ts";
import type {
  ColumnCodec,
  ColumnReads,
  ReadValue,
  Row,
  Table,
} from "../columns/table.ts";
import {
  copying,
  readers,
  written,
  type CopiedText,
} from "../columns/values.ts";
import { amountAt, canonicalAmount } from "../scalars/amounts.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { WireWriter } from "../wire/wire-writer.ts";

const quoted = (text: string) => JSON.stringify(text);

/** Reads values as JSON text; `sent` gives Sell's own text of a scalar that is kept as it is. */
function readsOf(sent: ReadValue): ColumnReads["read"] {
  return {
    long: accepted(readers.long, sent),
    string: accepted(copying.string, sent),
    boolean: accepted(readers.boolean, sent),
    decimal: (json, span) => {
      const digits = digitsAt(json, span);
      return digits === null ? UNFIT : quoted(digits);
    },
    timestamp: accepted(readers.timestamp, sent),
    "local-timestamp": written(readers["local-timestamp"], (value) =>
      quoted(isoTimeAt(value)),
    ),
    date: written(readers.date, (value) => quoted(isoDateAt(value))),
    longs: accepted(readers.longs, textAt),
    strings: accepted(readers.strings, textAt),
    json: written(readers.json, quoted),
  };
}

/** Gives what `sent` gives of a value that a reader accepts. */
function accepted(read: ReadValue, sent: ReadValue): ReadValue {
  return (json, span) =>
    read(json, span) === UNFIT ? UNFIT : sent(json, span);
}

const mostWhole = decimalSize.precision - decimalSize.scale;

/** The digits of an amount, as few as tell it; null when a decimal column can't hold it. */
function digitsAt(json: Buffer, span: Span): string | null {
  const amount = amountAt(json, span);
  if (amount === null) return null;
  const digits = canonicalAmount(amount);
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const fits =
    whole.length <= mostWhole && fraction.length <= decimalSize.scale;
  return fits ? digits : null;
}

/** Values as JSON text: amounts as strings of digits, dates and local times in ISO's notation. */
export const jsonCodec: ColumnCodec = {
  neverNull: new Set(),
  read: readsOf(textAt),
  fromText: quoted,
  toJson: {
    long: String,
    string: String,
    boolean: String,
    decimal: String,
    timestamp: String,
    "local-timestamp": String,
    date: String,
    longs: String,
    strings: String,
    json: (value) => JSON.parse(String(value)) as string,
  },
};

/** A description of each column's usual values, for people. */
export const words: Readonly<Record<ColumnType, string>> = {
  long: "An integer.",
  string: "A string.",
  boolean: "A boolean.",
  decimal: "A number, as a string of its digits.",
  timestamp: "A date and time.",
  "local-timestamp": "A date and time without a zone.",
  date: "A date.",
  longs: "A list, each element an integer.",
  strings: "A list, each element a string.",
  json: "The text of a JSON value.",
};

const out = new WireWriter();
const sentReads: ColumnReads = {
  ...jsonCodec,
  read: readsOf((_, span) => span),
};

/**
 * Creates what writes the row of a record as JSON text; columns that are null are left out. Returns
 * null when the table can't hold the record.
 */
export function rowWriter(
  table: Table,
  fields: CustomFieldList | null,
): (record: Buffer) => Buffer | null {
  const read = rowReader(table, sentReads, fields);
  const names = table.columns.map(({ name }) =>
    Buffer.from(`,${quoted(name)}:`),
  );
  return (record) => {
    const values = read(record);
    if (values === UNFIT) return null;
    out.rewind(0);
    out.raw(OPEN);
    let comma = 1;
    for (let at = 0; at < values.length; at++) {
      const value = (values[at] ?? null) as CopiedText | null;
      if (value === null) continue;
      // The first name has no comma before it.
      out.raw(names[at] ?? CLOSE, comma);
      comma = 0;
      if (typeof value === "string") out.utf8(value);
      else out.raw(record, value.start, value.end);
    }
    out.raw(CLOSE);
    return out.written();
  };
}

const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("}");

/** The row in a JSON text. */
export function rowIn(json: Buffer, at: number): Row {
  const row: Record<string, unknown> = {};
  for (const [name, span] of members(json, at))
    if (!isNullAt(json, span)) row[name] = textAt(json, span);
  return row;
}
