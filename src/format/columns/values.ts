import { elements, type Span } from "../../json/members.ts";
import {
  isArrayAt,
  isObjectAt,
  plainTextAt,
  scalarAt,
  textAt,
} from "../../json/values.ts";
import { toBoolean, toInteger, toText, UNFIT } from "../scalars/scalars.ts";
import { toMicros } from "../scalars/time.ts";
import { daysSinceEpoch, isoDateOf, localMicrosOf } from "./calendar.ts";
import type { ColumnType } from "./column.ts";
import type { ReadValue } from "./table.ts";

/**
 * The values of columns as this program handles them: integers and microseconds as numbers where
 * these are exact, else as bigints; dates as days. Decimals differ by encoding.
 */
export const readers = {
  long: toInteger,
  string: toStorableText,
  boolean: toBoolean,
  timestamp: toMicros,
  "local-timestamp": (json, span) => {
    const value = scalarAt(json, span);
    return typeof value === "string" ? (localMicrosOf(value) ?? UNFIT) : UNFIT;
  },
  date: (json, span) => {
    const value = scalarAt(json, span);
    const date = typeof value === "string" ? isoDateOf(value) : null;
    return date === null ? UNFIT : daysSinceEpoch(date);
  },
  longs: listOf(toInteger),
  strings: listOf(toStorableText),
  json: (json, span) =>
    isArrayAt(json, span) || isObjectAt(json, span)
      ? textAt(json, span)
      : UNFIT,
} satisfies Partial<Record<ColumnType, ReadValue>>;

/** PostgreSQL and other databases have no text with the character 0. */
function toStorableText(json: Buffer, span: Span): string | typeof UNFIT {
  // Without an escape, a string has neither that character nor a lone surrogate.
  const plain = plainTextAt(json, span);
  if (plain !== null) return plain;
  const value = toText(json, span);
  return value !== UNFIT && value.includes("\0") ? UNFIT : value;
}

/** The text of a value that a reader makes of what Sell sent. */
export function written<T>(
  read: (json: Buffer, span: Span) => T | typeof UNFIT,
  toText: (value: T) => string,
): ReadValue {
  return (json, span) => {
    const value = read(json, span);
    return value === UNFIT ? UNFIT : toText(value);
  };
}

function listOf(read: ReadValue): ReadValue {
  return (json, span) => {
    if (!isArrayAt(json, span)) return UNFIT;
    const values = elements(json, span.start).map((one) => read(json, one));
    return values.includes(UNFIT) ? UNFIT : values;
  };
}

export function jsonListOf(
  values: unknown,
  toJson: (value: unknown) => string,
): string {
  return `[${(values as readonly unknown[]).map(toJson).join(",")}]`;
}
