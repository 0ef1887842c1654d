import { members } from "../../json/members.ts";
import { isNullAt, textAt } from "../../json/values.ts";
import { isoDateAt, isoTimeAt } from "../columns/calendar.ts";
import { decimalSize, type ColumnType } from "../columns/column.ts";
import type { ColumnCodec, ReadValue, Row, Table } from "../columns/table.ts";
import { readers, written } from "../columns/values.ts";
import { decimalText, toDecimal } from "../scalars/decimal.ts";
import { UNFIT } from "../scalars/scalars.ts";

const quoted = (text: string) => JSON.stringify(text);

/** Sell's own text of a value that a reader accepts. */
function asSent(read: ReadValue): ReadValue {
  return (json, span) =>
    read(json, span) === UNFIT ? UNFIT : textAt(json, span);
}

/** Values as JSON text: amounts as strings of digits, dates and local times in ISO's notation. */
export const jsonCodec: ColumnCodec = {
  neverNull: new Set(),
  read: {
    long: asSent(readers.long),
    string: asSent(readers.string),
    boolean: asSent(readers.boolean),
    decimal: written(
      (json, span) => toDecimal(json, span, decimalSize),
      (value) => quoted(decimalText(value, decimalSize.scale)),
    ),
    timestamp: asSent(readers.timestamp),
    "local-timestamp": written(readers["local-timestamp"], (value) =>
      quoted(isoTimeAt(value)),
    ),
    date: written(readers.date, (value) => quoted(isoDateAt(value))),
    longs: asSent(readers.longs),
    strings: asSent(readers.strings),
    json: written(readers.json, quoted),
  },
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

/** The JSON text of a row; columns that are null are left out. */
export function rowText({ columns }: Table, row: Row): string {
  let text = "";
  for (const { name } of columns) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    text += `${text === "" ? "" : ","}${quoted(name)}:${value as string}`;
  }
  return `{${text}}`;
}

/** The row in a JSON text. */
export function rowIn(json: Buffer, at: number): Row {
  const row: Row = {};
  for (const [name, span] of members(json, at))
    if (!isNullAt(json, span)) row[name] = textAt(json, span);
  return row;
}
