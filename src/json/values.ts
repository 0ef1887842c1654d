import type { Span } from "./members.ts";

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const LETTER_N = 0x6e;
const OPEN_BRACE = 0x7b;

type Scalar = string | number | boolean | null;

/** Where the value of a whole JSON text lies. */
export function wholeOf(json: Buffer): Span {
  let start = 0;
  while ((json[start] ?? 0xff) <= 0x20) start++;
  return { start, end: json.length };
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

/** What `JSON.parse` makes of the scalar that lies there; undefined for an object or an array. */
export function scalarAt(json: Buffer, span: Span): Scalar | undefined {
  if (isObjectAt(json, span) || isArrayAt(json, span)) return undefined;
  const { start, end } = span;
  if (json[start] === QUOTE && !hasBackslash(json, span))
    return json.toString("utf8", start + 1, end - 1);
  return JSON.parse(textAt(json, span)) as Scalar;
}

function hasBackslash(json: Buffer, { start, end }: Span): boolean {
  for (let at = start; at < end; at++) if (json[at] === BACKSLASH) return true;
  return false;
}
