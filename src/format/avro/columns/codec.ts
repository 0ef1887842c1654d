import { isoDateAt, isoTimeAt } from "../../columns/calendar.ts";
import { decimalSize } from "../../columns/column.ts";
import type { ColumnCodec, ReadValue } from "../../columns/table.ts";
import { jsonListOf, readers } from "../../columns/values.ts";
import { decimalText, toDecimal } from "../../scalars/decimal.ts";
import { UNFIT } from "../../scalars/scalars.ts";
import { toMillis } from "../../scalars/time.ts";

/** Reads a local time in milliseconds; a finer one does not fit. */
const toLocalMillis: ReadValue = (json, span) => {
  const micros = readers["local-timestamp"](json, span);
  if (micros === UNFIT) return UNFIT;
  return micros % 1_000n === 0n ? Number(micros / 1_000n) : UNFIT;
};

const isoTime = (millis: unknown) =>
  isoTimeAt(BigInt(millis as number | bigint) * 1_000n);
const text = (value: unknown) => JSON.stringify(value);

/** Values as avsc reads them, or numbers in place of bigints. */
export const avroCodec: ColumnCodec = {
  neverNull: new Set(),
  read: {
    ...readers,
    timestamp: toMillis,
    "local-timestamp": toLocalMillis,
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
