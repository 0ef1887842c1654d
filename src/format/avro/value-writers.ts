import { members, type Span } from "../../json/members.ts";
import { fewDigitsAt, isObjectAt } from "../../json/values.ts";
import { toDecimal } from "../scalars/decimal.ts";
import { toLong, UNFIT, wellFormed } from "../scalars/scalars.ts";
import { instantAt } from "../scalars/time.ts";
import type { WriteValue } from "../wire/plain-writers.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Ends the blocks of an array or a map. */
export const NO_MORE = 0;

/** How far from zero a number may be for `zigzag`. */
const MOST_ZIGZAG = 2 ** 52;

export const writeLong: WriteValue = (out, json, span) => {
  const few = fewDigitsAt(json, span);
  if (few !== null) {
    out.zigzag(few);
    return true;
  }
  const value = toLong(json, span);
  if (value === UNFIT) return false;
  out.zigzag64(value);
  return true;
};

/** Creates the writer for points in time, in this many parts of a second. */
export function timestampWriter(unit: "millis" | "micros"): WriteValue {
  const [perSecond, nanosEach] =
    unit === "micros" ? [1_000_000, 1_000] : [1_000, 1_000_000];
  return (out, json, span) => {
    const instant = instantAt(json, span);
    if (instant === null || instant.nanos % nanosEach !== 0) return false;
    const time = instant.seconds * perSecond + instant.nanos / nanosEach;
    if (Math.abs(time) < MOST_ZIGZAG) out.zigzag(time);
    else
      out.zigzag64(
        BigInt(instant.seconds) * BigInt(perSecond) +
          BigInt(instant.nanos / nanosEach),
      );
    return true;
  };
}

export function decimalWriter(size: {
  readonly precision: number;
  readonly scale: number;
}): WriteValue {
  return (out, json, span) => {
    const unscaled = toDecimal(json, span, size);
    if (unscaled === UNFIT) return false;
    out.bytes(unscaled, 0, unscaled.length);
    return true;
  };
}

/** Writes an object as a map from its names to JSON texts. */
export const writeMap: WriteValue = (out, json, span) => {
  if (!isObjectAt(json, span)) return false;
  writeTexts(out, json, members(json, span.start));
  return true;
};

/** Writes JSON texts as a map of strings. */
export function writeTexts(
  out: WireWriter,
  json: Buffer,
  places: ReadonlyMap<string, Span>,
): void {
  if (places.size > 0) out.zigzag(places.size);
  for (const [name, { start, end }] of places) {
    out.text(wellFormed(name));
    out.bytes(json, start, end);
  }
  out.zigzag(NO_MORE);
}
