import { fewDigitsAt, textAt } from "../../json/values.ts";
import { instantAt, type Instant } from "../scalars/time.ts";
import type { WriteValue } from "../wire/plain-writers.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { amountAt } from "../scalars/amounts.ts";

/** How the wire holds a value: as a number of variable length, or behind its length. */
export const VARINT = 0;
export const DELIMITED = 2;

export type WireType = typeof VARINT | typeof DELIMITED;

export const writeAmount: WriteValue = (out, json, span) => {
  const text = amountAt(json, span);
  if (text === null) return false;
  out.text(text);
  return true;
};

/** The tags of a Timestamp's `seconds` and `nanos`. */
const SECONDS = 0x08;
const NANOS = 0x10;

export const writeTimestamp: WriteValue = (out, json, span) => {
  const instant = instantAt(json, span);
  if (instant === null) return false;
  writeInstant(out, instant);
  return true;
};

/** Writes a Timestamp behind its length. */
export function writeInstant(
  out: WireWriter,
  { seconds, nanos }: Instant,
): void {
  const start = out.open();
  if (seconds !== 0) {
    out.varint(SECONDS);
    writeNumber(out, seconds);
  }
  if (nanos !== 0) {
    out.varint(NANOS);
    out.varint(nanos);
  }
  out.close(start);
}

/** Writes an integer of 64 bits. */
export function writeInteger(out: WireWriter, value: number | bigint): void {
  if (typeof value === "bigint") out.varint64(value);
  else writeNumber(out, value);
}

/** Writes a safe integer. */
function writeNumber(out: WireWriter, value: number): void {
  if (value < 0) out.varint64(BigInt(value));
  else out.varint(value);
}

/** Creates the writer for the integers of a type, from `least` to `most`. */
export function integerWriter(least: bigint, most: bigint): WriteValue {
  const mostSmall = Number(most);
  return (out, json, span) => {
    const few = fewDigitsAt(json, span);
    if (few !== null) {
      if (few > mostSmall) return false;
      out.varint(few);
      return true;
    }
    const text = textAt(json, span);
    if (!/^(0|-?[1-9]\d{0,19})$/.test(text)) return false;
    const value = BigInt(text);
    if (value < least || value > most) return false;
    out.varint64(value);
    return true;
  };
}
