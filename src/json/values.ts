import {
  BACKSLASH,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
} from "./bytes.ts";
import type { Span } from "./members.ts";

const LETTER_N = 0x6e;
const DIGIT_0 = 0x30;

type Scalar = string | number | boolean | null;

/** The position of the one value of a JSON text. */
export function wholeOf(json: Buffer): Span {
  return { start: skipSpace(json, 0), end: json.length };
}

export function textAt(json: Buffer, { start, end }: Span): string {
  return json.toString("utf8", start, end);
}

export function isObjectAt(json: Buffer, { start }: Span): boolean {
  return json[start] === OPEN_BRACE;
}

export function isArrayAt(json: Buffer, { start }: Span): boolean {
  return json[start] === OPEN_BRACKET;
}

export function isNullAt(json: Buffer, { start }: Span): boolean {
  return json[start] === LETTER_N;
}

/** Parses the scalar at a position; undefined for an object or an array. */
export function scalarAt(json: Buffer, span: Span): Scalar | undefined {
  if (isObjectAt(json, span) || isArrayAt(json, span)) return undefined;
  return plainTextAt(json, span) ?? (JSON.parse(textAt(json, span)) as Scalar);
}

/** The string at a position when it is written without escapes, else null. */
export function plainTextAt(json: Buffer, span: Span): string | null {
  return isPlainTextAt(json, span)
    ? json.toString("utf8", span.start + 1, span.end - 1)
    : null;
}

/** Whether a string without escapes is at a position. */
export function isPlainTextAt(json: Buffer, span: Span): boolean {
  return json[span.start] === QUOTE && !hasBackslash(json, span);
}

/** The integer at a position, when it is written in so few digits that a double is exact; null for any other value. */
export function fewDigitsAt(json: Buffer, { start, end }: Span): number | null {
  if (end - start > 15) return null;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (json[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}

/** Whether a value holds a backslash, which only a string can. */
export function hasBackslash(json: Buffer, { start, end }: Span): boolean {
  for (let at = start; at < end; at++) if (json[at] === BACKSLASH) return true;
  return false;
}
