import type { Span } from "../../../json/members.ts";
import { isoDateAt, isoTimeAt } from "../../columns/calendar.ts";
import type { ColumnCodec, ReadValue } from "../../columns/table.ts";
import { jsonListOf, readers, written } from "../../columns/values.ts";
import { UNFIT } from "../../scalars/scalars.ts";
import { instantAt, instantText, type Instant } from "../../scalars/time.ts";
import { amountAt, canonicalAmount } from "../../scalars/amounts.ts";

const text = (value: unknown) => JSON.stringify(value);

/** Readers take an empty list for a missing one. */
function orMissing(read: (json: Buffer, span: Span) => unknown): ReadValue {
  return (json, span) => {
    const list = read(json, span);
    return Array.isArray(list) && list.length === 0 ? null : list;
  };
}

/** Values as messages hold them: integers of 64 bits, Instants, lists; amounts, dates and local times as text. */
export const protobufCodec: ColumnCodec = {
  neverNull: new Set(["longs", "strings"]),
  read: {
    ...readers,
    decimal: (json, span) => amountAt(json, span) ?? UNFIT,
    timestamp: (json, span) => instantAt(json, span) ?? UNFIT,
    "local-timestamp": written(readers["local-timestamp"], isoTimeAt),
    date: written(readers.date, isoDateAt),
    longs: orMissing(readers.longs),
    strings: orMissing(readers.strings),
  },
  fromText: (value) => value,
  toJson: {
    long: String,
    string: text,
    boolean: String,
    decimal: (value) => canonicalAmount(String(value)),
    timestamp: (value) => text(instantText(value as Instant)),
    "local-timestamp": text,
    date: text,
    longs: (value) => jsonListOf(value, String),
    strings: (value) => jsonListOf(value, text),
    json: String,
  },
};
