import { hasCalendarDay } from "../../json/calendar.ts";
import type { Span } from "../../json/members.ts";
import {
  fewDigitsAt,
  plainTextAt,
  scalarAt,
  textAt,
} from "../../json/values.ts";
import { fitsLong } from "./long.ts";

/** Returned for a value that its field can't hold exactly; the value is then kept as text in `extra`. */
export const UNFIT = Symbol("unfit");

/** Converts a number of plain digits, such as a count or an id. */
export function toLong(json: Buffer, span: Span): bigint | typeof UNFIT {
  const few = fewDigitsAt(json, span);
  if (few !== null) return BigInt(few);
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

const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Converts a number, or a string of one, to Avro's decimal: the unscaled value in big-endian two's complement. */
export function toDecimal(
  json: Buffer,
  span: Span,
  { precision, scale }: { precision: number; scale: number },
): Buffer | typeof UNFIT {
  const text = plainTextAt(json, span) ?? textAt(json, span);
  const match = number.exec(text);
  if (match === null) return UNFIT;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale - fraction.length + Number(exponent);
  let unscaled = BigInt(sign + whole + fraction);
  if (shift >= 0) unscaled *= powerOfTen(shift);
  else {
    const divisor = powerOfTen(-shift);
    if (unscaled % divisor !== 0n) return UNFIT;
    unscaled /= divisor;
  }
  const size = unscaled < 0n ? -unscaled : unscaled;
  if (size >= powerOfTen(precision)) return UNFIT;
  return bytesOf(unscaled);
}

/** The powers that were needed so far; an exponent has at most three digits. */
const powers: bigint[] = [];

function powerOfTen(exponent: number): bigint {
  return (powers[exponent] ??= 10n ** BigInt(exponent));
}

const eightBytes = Buffer.alloc(8);

function bytesOf(value: bigint): Buffer {
  if (fitsLong(value)) return shortestOf(eightBytes, value);
  let bytes = 9;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, "0"), "hex");
}

/** The value in as few bytes as keep its sign; the fast way for most amounts. */
function shortestOf(bytes: Buffer, value: bigint): Buffer {
  bytes.writeBigInt64BE(value);
  let start = 0;
  const fill = value < 0n ? 0xff : 0;
  while (
    start < 7 &&
    bytes[start] === fill &&
    ((bytes[start + 1] ?? 0) ^ fill) < 0x80
  )
    start++;
  return Buffer.from(bytes.subarray(start));
}

/** The plain digits of an Avro decimal, without needless zeros. */
export function decimalText(bytes: Buffer, scale: number): string {
  const hex = bytes.toString("hex");
  const value = BigInt.asIntN(hex.length * 4, BigInt(`0x${hex || "0"}`));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  const sign = value < 0n ? "-" : "";
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

const instant =
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.(\d{1,6})0*)?(?:Z|[+-]\d\d:?\d\d)$/i;

/** The years 1 to 9999: Python has no others, and its readers fail for them. */
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Converts a date-time with a zone to milliseconds or microseconds since the epoch. */
export function toTimestamp(
  json: Buffer,
  span: Span,
  unit: "millis" | "micros",
): bigint | typeof UNFIT {
  const value = scalarAt(json, span);
  if (typeof value !== "string") return UNFIT;
  const match = instant.exec(value);
  if (match === null || !hasCalendarDay(value)) return UNFIT;
  const [, fraction] = match;
  const whole = fraction === undefined ? value : value.replace(/\.\d+/, "");
  const millis = Date.parse(whole);
  if (!(millis >= FIRST_MS && millis <= LAST_MS)) return UNFIT;
  const micros = BigInt(millis) * 1_000n + microsOf(fraction);
  if (unit === "micros") return micros;
  return micros % 1_000n === 0n ? micros / 1_000n : UNFIT;
}

function microsOf(fraction: string | undefined): bigint {
  return fraction === undefined ? 0n : BigInt(fraction.padEnd(6, "0"));
}
