/**
 * True when a text that begins with `YYYY-MM-DD` names a day that there is. `Date.parse` takes the
 * 30th of February for the 2nd of March.
 */
export function hasCalendarDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text
    .slice(0, 10)
    .split("-")
    .map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
