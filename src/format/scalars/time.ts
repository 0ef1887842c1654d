import { hasCalendarDay } from "../../json/calendar.ts";
import type { Span } from "../../json/members.ts";
import { scalarAt } from "../../json/values.ts";
import { UNFIT } from "./scalars.ts";

/** A point in time as google.protobuf.Timestamp holds it. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/** A date-time with a zone. Up to its seconds, each digit has its place. */
const dateTime =
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9}0*)?(?:Z|[+-]\d\d:?\d\d)$/i;
const END_OF_SECONDS = 19;

/** The first and the last second of the years 1 to 9999: Python has no others, and its readers fail for them. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

const POINT = 0x2e;
const MINUS = 0x2d;

/** Reads a date-time with a zone; null for another value, and for one that an Instant can't hold exactly. */
export function instantAt(json: Buffer, span: Span): Instant | null {
  const text = scalarAt(json, span);
  if (typeof text !== "string" || !dateTime.test(text)) return null;
  if (!hasCalendarDay(text)) return null;
  const zone = endOfFraction(text);
  const [hour, minute, second] = [
    digitsAt(text, 11),
    digitsAt(text, 14),
    digitsAt(text, 17),
  ];
  const offset = offsetAt(text, zone);
  if (hour > 23 || minute > 59 || second > 59 || offset === null) return null;
  const clock = 3_600 * hour + 60 * minute + second;
  const seconds = 86_400 * daysSinceEpoch(text) + clock - offset;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return null;
  const fraction = text.slice(END_OF_SECONDS + 1, Math.min(zone, 29));
  const nanos = fraction === "" ? 0 : Number(fraction.padEnd(9, "0"));
  return { seconds, nanos };
}

/** Converts a date-time with a zone to milliseconds or microseconds since the epoch. */
export function toTimestamp(
  json: Buffer,
  span: Span,
  unit: "millis" | "micros",
): bigint | typeof UNFIT {
  const instant = instantAt(json, span);
  if (instant === null) return UNFIT;
  const { seconds, nanos } = instant;
  const [perSecond, nanosEach] =
    unit === "millis" ? [1_000n, 1_000_000] : [1_000_000n, 1_000];
  const whole = BigInt(seconds) * perSecond;
  if (nanos === 0) return whole;
  return nanos % nanosEach === 0 ? whole + BigInt(nanos / nanosEach) : UNFIT;
}

function endOfFraction(text: string): number {
  if (text.charCodeAt(END_OF_SECONDS) !== POINT) return END_OF_SECONDS;
  let end = END_OF_SECONDS + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** The seconds by which a zone is before UTC; null for hours or minutes that no clock has. */
function offsetAt(text: string, zone: number): number | null {
  if (text.length === zone + 1) return 0;
  const hours = digitsAt(text, zone + 1);
  const minutes = digitsAt(text, text.length - 2);
  if (hours > 23 || minutes > 59) return null;
  const offset = 3_600 * hours + 60 * minutes;
  return text.charCodeAt(zone) === MINUS ? -offset : offset;
}

/** `Date.UTC` takes the years 0 to 99 for those from 1900 on, so the days of four centuries more are taken off. */
function daysSinceEpoch(text: string): number {
  const year = 100 * digitsAt(text, 0) + digitsAt(text, 2);
  const month = digitsAt(text, 5);
  const day = digitsAt(text, 8);
  return Date.UTC(year + 400, month - 1, day) / 86_400_000 - 146_097;
}

/** The number of two digits. */
function digitsAt(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - 0x30) + text.charCodeAt(at + 1) - 0x30;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** An instant in ISO's notation in UTC, with the digits of a second that it needs. */
export function instantText({ seconds, nanos }: Instant): string {
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  const digits = String(nanos).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}Z`;
}
