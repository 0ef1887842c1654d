import { members, type Span } from "../../json/members.ts";
import { isObjectAt } from "../../json/values.ts";
import { toDecimal } from "../scalars/decimal.ts";
import { toInteger, UNFIT, wellFormed } from "../scalars/scalars.ts";
import { timestampIn } from "../scalars/time.ts";
import type { WriteValue } from "../wire/plain-writers.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Ends the blocks of an array or a map. */
export const NO_MORE = 0;

/** How far from zero a number may be for `zigzag`. */
const MOST_ZIGZAG = 2 ** 52;

/** Writes an integer of 64 bits; a number must be a safe integer. */
export function writeInteger(out: WireWriter, value: number | bigint): void {
  if (typeof value === "number" && Math.abs(value) < MOST_ZIGZAG)
    out.zigzag(value);
  else out.zigzag64(BigInt(value));
}

export const writeLong: WriteValue = (out, json, span) => {
  const value = toInteger(json, span);
  if (value === UNFIT) return false;
  writeInteger(out, value);
  return true;
};

/** Creates the writer for points in time, in this many parts of a second. */
export function timestampWriter(unit: "millis" | "micros"): WriteValue {
  const read = timestampIn[unit];
  return (out, json, span) => {
    const time = read(json, span);
    if (time === UNFIT) return false;
    writeInteger(out, time);
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
