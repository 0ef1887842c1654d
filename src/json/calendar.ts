/**
 * Whether a text that begins with `YYYY-MM-DD` names a day of the calendar. `Date.parse` accepts the
 * 30th of February and returns the 2nd of March.
 */
export function hasCalendarDay(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  return day >= 1 && day <= daysOf(month, text);
}

function twoDigits(text: string, at: number): number {
  return 10 * digit(text, at) + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

function daysOf(month: number, text: string): number {
  if (month === 2) return isLeap(Number(text.slice(0, 4))) ? 29 : 28;
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
  return month >= 1 && month <= 12 ? 31 : 0;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
