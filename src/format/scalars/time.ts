import { QUOTE } from "../../json/bytes.ts";
import { daysOf, daysSinceEpoch } from "../../json/calendar.ts";
import type { Span } from "../../json/members.ts";
import { hasBackslash, scalarAt } from "../../json/values.ts";
import { UNFIT } from "./scalars.ts";

/** A point in time as google.protobuf.Timestamp holds it. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * Reads a date-time with a zone, such as `2026-11-29T10:00:00.5+01:00`; null for another value, and
 * for one that an Instant can't hold exactly.
 */
export function instantAt(json: Buffer, span: Span): Instant | null {
  if (json[span.start] !== QUOTE) return null;
  if (!hasBackslash(json, span))
    return instantIn(json, span.start + 1, span.end - 1);
  const text = Buffer.from(String(scalarAt(json, span)));
  return instantIn(text, 0, text.length);
}

/** The length of `YYYY-MM-DDTHH:MM:SS`, in which each digit has its place. */
const SECONDS_END = 19;

const [PLUS, HYPHEN, POINT, DIGIT_0, COLON] = [0x2b, 0x2d, 0x2e, 0x30, 0x3a];
const [LETTER_T, LETTER_Z, SPACE] = [0x54, 0x5a, 0x20];
/** Makes an upper-case letter of a lower-case one. */
const UPPER = ~0x20;

/** The first and the last second of the years 1 to 9999: Python has no others, and its readers fail for them. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** Converts a date-time with a zone to microseconds since the epoch, as a number where that is exact. */
export function toMicros(
  json: Buffer,
  span: Span,
): number | bigint | typeof UNFIT {
  const instant = instantAt(json, span);
  if (instant === null || instant.nanos % 1_000 !== 0) return UNFIT;
  const { seconds, nanos } = instant;
  const micros = seconds * 1_000_000 + nanos / 1_000;
  return Number.isSafeInteger(micros)
    ? micros
    : BigInt(seconds) * 1_000_000n + BigInt(nanos / 1_000);
}

/** Converts a date-time with a zone to milliseconds since the epoch. */
export function toMillis(json: Buffer, span: Span): number | typeof UNFIT {
  const instant = instantAt(json, span);
  if (instant === null || instant.nanos % 1_000_000 !== 0) return UNFIT;
  return instant.seconds * 1_000 + instant.nanos / 1_000_000;
}

/** The same two, by the unit. */
export const timestampIn = { micros: toMicros, millis: toMillis } as const;

function instantIn(text: Buffer, start: number, end: number): Instant | null {
  const local = localSecondsAt(text, start);
  const fractionEnd = endOfFraction(text, start + SECONDS_END);
  const offset = offsetIn(text, fractionEnd, end);
  const nanos = nanosIn(text, start + SECONDS_END + 1, fractionEnd);
  // Each is NaN when the text is no such time.
  const seconds = local - offset;
  return seconds >= FIRST_SECOND && seconds <= LAST_SECOND && nanos >= 0
    ? { seconds, nanos }
    : null;
}

/** The seconds since the epoch of `YYYY-MM-DDTHH:MM:SS`, as if it were UTC. */
function localSecondsAt(text: Buffer, at: number): number {
  const divider = text[at + 10] ?? 0;
  const isDivided =
    text[at + 4] === HYPHEN &&
    text[at + 7] === HYPHEN &&
    ((divider & UPPER) === LETTER_T || divider === SPACE) &&
    text[at + 13] === COLON &&
    text[at + 16] === COLON;
  if (!isDivided) return NaN;
  const year = 100 * digitsAt(text, at) + digitsAt(text, at + 2);
  const month = digitsAt(text, at + 5);
  const day = digitsAt(text, at + 8);
  const hour = digitsAt(text, at + 11);
  const minute = digitsAt(text, at + 14);
  const second = digitsAt(text, at + 17);
  const isTime =
    day >= 1 &&
    day <= daysOf(month, year) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isTime) return NaN;
  const days = daysSinceEpoch(year, month, day);
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

function endOfFraction(text: Buffer, at: number): number {
  if (text[at] !== POINT) return at;
  let end = at + 1;
  while (isDigit(text[end])) end++;
  return end;
}

const NANO_DIGITS = 9;

/** NaN for digits behind the ninth that are not 0, and for no digit. */
function nanosIn(text: Buffer, start: number, end: number): number {
  if (end < start) return 0;
  let nanos = end === start ? NaN : 0;
  for (let place = 0; place < NANO_DIGITS; place++)
    nanos =
      10 * nanos + (start + place < end ? digitAt(text, start + place) : 0);
  for (let at = start + NANO_DIGITS; at < end; at++)
    if (text[at] !== DIGIT_0) return NaN;
  return nanos;
}

/** The seconds by which the zone `Z`, `+HH:MM` or `+HHMM` is ahead of UTC. */
function offsetIn(text: Buffer, start: number, end: number): number {
  const sign = text[start] ?? 0;
  if (end === start + 1) return (sign & UPPER) === LETTER_Z ? 0 : NaN;
  const hasColon = text[start + 3] === COLON;
  if (end !== start + (hasColon ? 6 : 5)) return NaN;
  const hours = digitsAt(text, start + 1);
  const minutes = digitsAt(text, end - 2);
  if (!(hours < 24 && minutes < 60)) return NaN;
  const offset = 3_600 * hours + 60 * minutes;
  if (sign === PLUS) return offset;
  return sign === HYPHEN ? -offset : NaN;
}

/** The number of two digits; NaN when these bytes are none. */
function digitsAt(text: Buffer, at: number): number {
  return 10 * digitAt(text, at) + digitAt(text, at + 1);
}

function digitAt(text: Buffer, at: number): number {
  const byte = text[at];
  return isDigit(byte) ? (byte ?? 0) - DIGIT_0 : NaN;
}

function isDigit(byte = 0): boolean {
  return byte >= DIGIT_0 && byte <= 0x39;
}

/** An instant in ISO's notation in UTC, with the digits of a second that it needs. */
export function instantText({ seconds, nanos }: Instant): string {
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  const digits = String(nanos).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}Z`;
}
