import type { Span } from "../../json/members.ts";
import { fewDigitsAt, scalarAt, textAt } from "../../json/values.ts";

/** Returned for a value that its field can't hold exactly; the value is then kept as text in `extra`. */
export const UNFIT = Symbol("unfit");

/**
 * Converts a number of plain digits, such as a count or an id: to a number where that is exact, since
 * it is written faster than a bigint.
 */
export function toInteger(
  json: Buffer,
  span: Span,
): number | bigint | typeof UNFIT {
  const few = fewDigitsAt(json, span);
  if (few !== null) return few;
  const text = textAt(json, span);
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return UNFIT;
  const long = BigInt(text);
  return fitsLong(long) ? long : UNFIT;
}

export function toBoolean(json: Buffer, span: Span): boolean | typeof UNFIT {
  const value = scalarAt(json, span);
  return typeof value === "boolean" ? value : UNFIT;
}

/** Converts a string; UNFIT for one with a lone surrogate, which UTF-8 can't hold. */
export function toText(json: Buffer, span: Span): string | typeof UNFIT {
  const value = scalarAt(json, span);
  return typeof value === "string" && value.isWellFormed() ? value : UNFIT;
}

export function fitsLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** A name with a lone surrogate is written with the escapes of JSON, since UTF-8 has none for it. */
export function wellFormed(name: string): string {
  return name.isWellFormed() ? name : JSON.stringify(name).slice(1, -1);
}
