import type { Span } from "../../json/members.ts";
import { plainTextAt, textAt } from "../../json/values.ts";
import { fitsLong, UNFIT } from "./scalars.ts";

const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Converts a number, or a string of one, to Avro's decimal: the unscaled value in big-endian two's complement. */
export function toDecimal(
  json: Buffer,
  span: Span,
  { precision, scale }: { precision: number; scale: number },
): Buffer | typeof UNFIT {
  const text = plainTextAt(json, span) ?? textAt(json, span);
  const match = number.exec(text);
  if (match === null) return UNFIT;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale - fraction.length + Number(exponent);
  let unscaled = BigInt(sign + whole + fraction);
  if (shift >= 0) unscaled *= powerOfTen(shift);
  else {
    const divisor = powerOfTen(-shift);
    if (unscaled % divisor !== 0n) return UNFIT;
    unscaled /= divisor;
  }
  const size = unscaled < 0n ? -unscaled : unscaled;
  if (size >= powerOfTen(precision)) return UNFIT;
  return bytesOf(unscaled);
}

/** The powers that were needed so far; an exponent has at most three digits. */
const powers: bigint[] = [];

function powerOfTen(exponent: number): bigint {
  return (powers[exponent] ??= 10n ** BigInt(exponent));
}

const eightBytes = Buffer.alloc(8);

function bytesOf(value: bigint): Buffer {
  if (fitsLong(value)) return shortestOf(eightBytes, value);
  let bytes = 9;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, "0"), "hex");
}

/** The value in as few bytes as keep its sign; the fast way for most amounts. */
function shortestOf(bytes: Buffer, value: bigint): Buffer {
  bytes.writeBigInt64BE(value);
  let start = 0;
  const fill = value < 0n ? 0xff : 0;
  while (
    start < 7 &&
    bytes[start] === fill &&
    ((bytes[start + 1] ?? 0) ^ fill) < 0x80
  )
    start++;
  return Buffer.from(bytes.subarray(start));
}

/** The plain digits of an Avro decimal, without needless zeros. */
export function decimalText(bytes: Buffer, scale: number): string {
  const hex = bytes.toString("hex");
  const value = BigInt.asIntN(hex.length * 4, BigInt(`0x${hex || "0"}`));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  const sign = value < 0n ? "-" : "";
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
