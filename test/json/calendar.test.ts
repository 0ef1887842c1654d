// Dates are accepted exactly where the calendar has such a day.
import fc from "fast-check";
import { expect, it } from "vitest";
import { hasCalendarDay, wholeSecondAt } from "../../src/json/calendar.ts";

it("knows the days that there are", () => {
  const year = fc.oneof(
    fc.integer({ min: 0, max: 9999 }),
    fc.constantFrom(1900, 2000, 2024, 2025, 2026),
  );
  const twoDigits = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(year, twoDigits, twoDigits, (y, m, d) => {
      const pad = (number: number, width: number) =>
        String(number).padStart(width, "0");
      const date = new Date(0);
      date.setUTCFullYear(y, m - 1, d);
      expect(hasCalendarDay(`${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}T10`)).toBe(
        date.getUTCMonth() === m - 1 && date.getUTCDate() === d,
      );
    }),
    { numRuns: 2_000 },
  );
});

const secondOf = (json: string) =>
  wholeSecondAt(Buffer.from(json), { start: 0, end: json.length });

it("reads the seconds of the years 1 to 9999 as Date.parse does", () => {
  const min = Date.parse("0001-01-01T00:00:00Z") / 1_000;
  const max = Date.parse("9999-12-31T23:59:59Z") / 1_000;
  const edges = ["1900-02-28", "2000-02-29", "2023-12-31", "2024-03-01"].map(
    (day) => Date.parse(`${day}T23:59:59Z`) / 1_000,
  );
  const second = fc.oneof(
    fc.integer({ min, max }),
    fc.constantFrom(min, max, -1, 0, ...edges),
  );
  fc.assert(
    fc.property(second, (value) => {
      const text = new Date(value * 1_000).toISOString().replace(".000", "");
      expect(secondOf(`"${text}"`)).toBe(value);
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  '"2026-02-29T10:00:00Z"',
  '"2026-13-01T10:00:00Z"',
  '"2026-00-01T10:00:00Z"',
  '"2026-01-00T10:00:00Z"',
  '"2026-01-01T24:00:00Z"',
  '"2026-01-01T10:60:00Z"',
  '"2026-01-01T10:00:60Z"',
  '"2026-01-01t10:00:00Z"',
  '"2026-01-01 10:00:00Z"',
  '"2026-01-01T10:00:00z"',
  '"2026-01-01T10.00:00Z"',
  '"2026/01-01T10:00:00Z"',
  '"0000-01-01T10:00:00Z"',
  '"20x6-01-01T10:00:00Z"',
  '"2026-01-01T10:0 :00Z"',
  '"2026-01-01T10:00:00.0Z"',
  "[2026-01-01T10:00:00Z]",
])("%s is no second in this notation", (json) => {
  expect(secondOf(json)).toBeNull();
});
