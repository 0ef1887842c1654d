import { elements, type Span } from "../../json/members.ts";
import {
  isArrayAt,
  isObjectAt,
  isPlainTextAt,
  plainTextAt,
  scalarAt,
  textAt,
} from "../../json/values.ts";
import { toBoolean, toInteger, toText, UNFIT } from "../scalars/scalars.ts";
import { toMicros } from "../scalars/time.ts";
import { daysSinceEpoch, isoDateOf, localMicrosOf } from "./calendar.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { ColumnType } from "./column.ts";
import type { ColumnReads, ReadValue } from "./table.ts";

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

/**
 * A text that goes into a value as it is: the span of its characters in the record's JSON text,
 * from where they are copied, or the text itself.
 */
export type CopiedText = Span | string;

/** Reads texts to be copied: of a string its characters, of a list or an object its JSON text. */
export const copying = {
  string: (json, span) =>
    isPlainTextAt(json, span)
      ? { start: span.start + 1, end: span.end - 1 }
      : escapedText(json, span),
  json: (json, span) =>
    isArrayAt(json, span) || isObjectAt(json, span) ? span : UNFIT,
} satisfies Partial<Record<ColumnType, ReadValue>>;

/** The same reads, of texts to be copied. */
export function copyingReads(reads: ColumnReads): ColumnReads {
  return { ...reads, read: { ...reads.read, ...copying } };
}

/** Writes such a text behind its length. */
export function writeCopied(
  out: WireWriter,
  text: CopiedText,
  json: Buffer,
): void {
  if (typeof text === "string") out.text(text);
  else out.bytes(json, text.start, text.end);
}

/** Without an escape, a string has neither the character 0 nor a lone surrogate. */
function toStorableText(json: Buffer, span: Span): string | typeof UNFIT {
  return plainTextAt(json, span) ?? escapedText(json, span);
}

/** PostgreSQL and other databases have no text with the character 0. */
function escapedText(json: Buffer, span: Span): string | typeof UNFIT {
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
