import { hasCalendarDay } from "../../json/calendar.ts";
import type { Span } from "../../json/members.ts";
import { scalarAt, textAt } from "../../json/values.ts";

/** A point in time as google.protobuf.Timestamp holds it. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

const instant =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})0*)?(?:Z|([+-])(\d\d):?(\d\d))$/i;

/** The first and the last second that a Timestamp may hold: the years 1 to 9999. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** Reads a date-time with a zone; null for another value, and for one that a Timestamp can't hold exactly. */
export function instantAt(json: Buffer, span: Span): Instant | null {
  const value = scalarAt(json, span);
  if (typeof value !== "string") return null;
  const match = instant.exec(value);
  if (match === null || !hasCalendarDay(value)) return null;
  const [hour, minute, second] = [match[4], match[5], match[6]].map(Number) as [
    number,
    number,
    number,
  ];
  const [, year, month, day] = match;
  const [, , , , , , , fraction, sign, hours, minutes] = match;
  const isTime = hour < 24 && minute < 60 && second < 60;
  const isOffset = Number(hours ?? 0) < 24 && Number(minutes ?? 0) < 60;
  if (!isTime || !isOffset) return null;
  const offset = 3_600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0);
  const midnight = daysSinceEpoch(Number(year), Number(month), Number(day));
  const local = 86_400 * midnight + 3_600 * hour + 60 * minute + second;
  const seconds = sign === "-" ? local + offset : local - offset;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return null;
  const nanos = fraction === undefined ? 0 : Number(fraction.padEnd(9, "0"));
  return { seconds, nanos };
}

/** `Date.UTC` takes the years 0 to 99 for those from 1900 on, so the days of four centuries more are taken off. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  return Date.UTC(year + 400, month - 1, day) / 86_400_000 - 146_097;
}

const plain = /^-?\d+(?:\.\d+)?$/;
const withExponent = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/;

/** The digits of a number, or of a string of one, in plain decimal notation; null for another value. */
export function amountAt(json: Buffer, span: Span): string | null {
  const value = scalarAt(json, span);
  const text = typeof value === "string" ? value : textAt(json, span);
  if (plain.test(text)) return text;
  const match = withExponent.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const before = digits.slice(0, Math.max(point, 0)).padEnd(point, "0");
  const behind = digits
    .slice(Math.max(point, 0))
    .padStart(digits.length - point, "0");
  return `${sign}${withoutZeros(before || "0")}${behind && `.${behind}`}`;
}

/** The same text for all spellings of one amount. */
export function canonicalAmount(plainText: string): string {
  const [whole = "", fraction = ""] = plainText.replace("-", "").split(".");
  const digits = withoutZeros(whole);
  const behind = fraction.replace(/0+$/, "");
  const size = behind === "" ? digits : `${digits}.${behind}`;
  return plainText.startsWith("-") && size !== "0" ? `-${size}` : size;
}

/** Digits without needless zeros before them. */
function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}
