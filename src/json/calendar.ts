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

/** The days of a month; 0 for a month that there is not. */
export function daysOf(month: number, year: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
  return month >= 1 && month <= 12 ? 31 : 0;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * The days since 1970 in the Gregorian calendar. A year begins with March here, so that its last day
 * is the leap day.
 */
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
