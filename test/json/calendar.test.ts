// Dates are accepted exactly where the calendar has such a day.
import fc from "fast-check";
import { expect, it } from "vitest";
import { hasCalendarDay } from "../../src/json/calendar.ts";

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
