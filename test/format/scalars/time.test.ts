// A date-time with a zone is read exactly, in each notation that Sell might send, or not at all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  instantAt,
  instantText,
  timestampIn,
} from "../../../src/format/scalars/time.ts";
import { UNFIT } from "../../../src/format/scalars/scalars.ts";

const spanned = (json: string) =>
  [Buffer.from(json), { start: 0, end: Buffer.byteLength(json) }] as const;
const instantOf = (text: string) => instantAt(...spanned(JSON.stringify(text)));

const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59Z");

describe("a date-time", () => {
  it("has the seconds of Date.parse, by every zone and divider", () => {
    const edges = ["1900-02-28", "2000-02-29", "2023-12-31", "2024-03-01"];
    const second = fc.oneof(
      fc.integer({ min: FIRST_MS / 1_000, max: LAST_MS / 1_000 }),
      fc.constantFrom(
        ...[FIRST_MS, LAST_MS, -1_000, 0].map((ms) => ms / 1_000),
        ...edges.map((day) => Date.parse(`${day}T23:59:59Z`) / 1_000),
      ),
    );
    const zone = fc.constantFrom("Z", "z", "+02:00", "-0930", "+00:00");
    fc.assert(
      fc.property(second, zone, fc.constantFrom("T", "t", " "), (at, by, t) => {
        const local = new Date(at * 1_000).toISOString().slice(0, 19);
        const iso = /\d{4}$/.test(by) ? `${by.slice(0, 3)}:00` : by;
        const minutes = by === "-0930" ? 30 * 60 : 0;
        const ms = Date.parse(`${local}${iso.toUpperCase()}`);
        const read = instantOf(`${local.replace("T", t)}${by}`);
        const seconds = ms / 1_000 + minutes;
        const isWithin =
          seconds * 1_000 >= FIRST_MS && seconds * 1_000 <= LAST_MS;
        expect(read).toEqual(isWithin ? { seconds, nanos: 0 } : null);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has up to nine digits of a second, and no more", () => {
    const { seconds } = instantOf("2026-11-29T10:00:00Z") ?? { seconds: 0 };
    const nanosOf = (fraction: string) =>
      instantOf(`2026-11-29T10:00:00.${fraction}Z`);
    expect(nanosOf("5")).toEqual({ seconds, nanos: 500_000_000 });
    expect(nanosOf("000000001")).toEqual({ seconds, nanos: 1 });
    expect(nanosOf("1234567890000")).toEqual({ seconds, nanos: 123_456_789 });
    expect(nanosOf("1234567891")).toBeNull();
    expect(nanosOf("")).toBeNull();
  });

  it("is the same however JSON writes it", () => {
    const json = String.raw`"2026\u002d11-29T10:00:00Z"`;
    expect(instantAt(...spanned(json))).toEqual(
      instantOf("2026-11-29T10:00:00Z"),
    );
  });

  it.each([
    "2026-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T10:60:00Z",
    "2026-01-01T10:00:60Z",
    "2026-01-01_10:00:00Z",
    "2026-01-01T10.00:00Z",
    "2026/01-01T10:00:00Z",
    "20x6-01-01T10:00:00Z",
    "2026-01-01T10:0 :00Z",
    "2026-01-01T10:00Z",
    "2026-01-01T10:00:00",
    "2026-01-01T10:00:00ZZ",
    "2026-01-01T10:00:00+1",
    "2026-01-01T10:00:00+24:00",
    "2026-01-01T10:00:00+00:60",
    "2026-01-01T10:00:00*00:00",
    "2026-01-01T10:00:00+0a:00",
    "2026-01-01",
    "yesterday",
    "",
    "ü026-01-01T10:00:00Z",
  ])("is not %j", (text) => {
    expect(instantOf(text)).toBeNull();
  });

  it.each(["1", "null", "true", "[]", "{}"])("is not %s", (json) => {
    expect(instantAt(...spanned(json))).toBeNull();
  });

  it("is shown as it was read", () => {
    for (const text of [
      "2026-11-29T10:00:00Z",
      "0001-01-01T00:00:00.000001Z",
    ]) {
      const instant = instantOf(text);
      expect(instant === null ? null : instantText(instant)).toBe(text);
    }
  });

  it("is a timestamp where it has no smaller parts", () => {
    const of = (text: string, unit: "millis" | "micros") => {
      const time = timestampIn[unit](...spanned(JSON.stringify(text)));
      return time === UNFIT ? UNFIT : BigInt(time);
    };
    expect(of("1970-01-01T00:00:01.5Z", "millis")).toBe(1_500n);
    expect(of("1969-12-31T23:59:59.999999Z", "micros")).toBe(-1n);
    expect(of("1970-01-01T00:00:00.0001Z", "millis")).toBe(UNFIT);
    expect(of("1970-01-01T00:00:00.0000001Z", "micros")).toBe(UNFIT);
  });
});
