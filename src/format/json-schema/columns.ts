import { members } from "../../json/members.ts";
import { isNullAt, textAt } from "../../json/values.ts";
import { isoDateAt, isoTimeAt } from "../columns/calendar.ts";
import { decimalSize, type ColumnType } from "../columns/column.ts";
import type { ColumnCodec, ReadValue, Row, Table } from "../columns/table.ts";
import { readers } from "../columns/values.ts";
import { decimalText, toDecimal } from "../scalars/decimal.ts";
import { UNFIT } from "../scalars/scalars.ts";

const quoted = (text: string) => JSON.stringify(text);

/** Sell's own text of a value that a reader accepts. */
function asSent(read: ReadValue): ReadValue {
  return (json, span) =>
    read(json, span) === UNFIT ? UNFIT : textAt(json, span);
}

/** The text of a value that a reader makes of what Sell sent. */
function written(
  read: ReadValue,
  toText: (value: unknown) => string,
): ReadValue {
  return (json, span) => {
    const value = read(json, span);
    return value === UNFIT ? UNFIT : quoted(toText(value));
  };
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
      (value) => decimalText(value as Buffer, decimalSize.scale),
    ),
    timestamp: asSent(readers.timestamp),
    "local-timestamp": written(readers["local-timestamp"], (value) =>
      isoTimeAt(value as bigint),
    ),
    date: written(readers.date, (value) => isoDateAt(value as number)),
    longs: asSent(readers.longs),
    strings: asSent(readers.strings),
    json: written(readers.json, String),
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
