import { QUOTE } from "./bytes.ts";
import type { Span } from "./members.ts";

/**
 * Whether a text that begins with `YYYY-MM-DD` names a day of the calendar. `Date.parse` accepts the
 * 30th of February and returns the 2nd of March.
 */
export function hasCalendarDay(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  return day >= 1 && day <= daysOf(month, Number(text.slice(0, 4)));
}

function twoDigits(text: string, at: number): number {
  return 10 * digit(text, at) + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

function daysOf(month: number, year: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
  return month >= 1 && month <= 12 ? 31 : 0;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The length of `"YYYY-MM-DDTHH:MM:SSZ"`. */
const WHOLE_SECOND_BYTES = 22;
const DIGIT_0 = 0x30;
const [HYPHEN, COLON, LETTER_T, LETTER_Z] = [0x2d, 0x3a, 0x54, 0x5a];

/**
 * The seconds since the epoch of a string `YYYY-MM-DDTHH:MM:SSZ` from the year 1 on, as Sell writes
 * most times; null for every other value and notation.
 */
export function wholeSecondAt(
  json: Uint8Array,
  { start, end }: Span,
): number | null {
  if (end - start !== WHOLE_SECOND_BYTES || json[start] !== QUOTE) return null;
  if (
    json[start + 5] !== HYPHEN ||
    json[start + 8] !== HYPHEN ||
    json[start + 11] !== LETTER_T ||
    json[start + 14] !== COLON ||
    json[start + 17] !== COLON ||
    json[start + 20] !== LETTER_Z
  )
    return null;
  const century = digitsAt(json, start + 1);
  const year = 100 * century + digitsAt(json, start + 3);
  const month = digitsAt(json, start + 6);
  const day = digitsAt(json, start + 9);
  const hour = digitsAt(json, start + 12);
  const minute = digitsAt(json, start + 15);
  const second = digitsAt(json, start + 18);
  const isDay = year >= 1 && day >= 1 && day <= daysOf(month, year);
  if (!isDay || !(hour < 24 && minute < 60 && second < 60)) return null;
  const days = daysSinceEpoch(year, month, day);
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

/** The number in two digits; NaN when these bytes are none. */
function digitsAt(json: Uint8Array, at: number): number {
  const tens = (json[at] ?? 0) - DIGIT_0;
  const ones = (json[at + 1] ?? 0) - DIGIT_0;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
    ? 10 * tens + ones
    : NaN;
}

/** The days from 1970 on in the Gregorian calendar. A year begins with March here, so that its last day is the leap day. */
export function daysSinceEpoch(
  year: number,
  month: number,
  day: number,
): number {
  const shifted = month > 2 ? year : year - 1;
  const leapDays =
    Math.floor(shifted / 4) -
    Math.floor(shifted / 100) +
    Math.floor(shifted / 400);
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * shifted + leapDays + dayOfYear - 719_468;
}
