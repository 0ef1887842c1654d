import { hasCalendarDay } from "../../json/calendar.ts";
import { fitsLong } from "./long.ts";

/** Says that a value has no exact place in its field; it is then kept as text elsewhere. */
export const UNFIT = Symbol("unfit");

export function toLong(value: unknown, text: string): bigint | typeof UNFIT {
  if (typeof value !== "number" || !/^(0|-?[1-9]\d*)$/.test(text)) return UNFIT;
  const long = BigInt(text);
  return fitsLong(long) ? long : UNFIT;
}

/** Strings must be whole Unicode: a lone surrogate has no UTF-8. */
export function toText(value: unknown): string | typeof UNFIT {
  return typeof value === "string" && value.isWellFormed() ? value : UNFIT;
}

const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A number, or a string that is one, as Avro's decimal: its unscaled value, big-endian two's complement. */
export function toDecimal(
  value: unknown,
  text: string,
  { precision, scale }: { precision: number; scale: number },
): Buffer | typeof UNFIT {
  const digits = typeof value === "string" ? value : text;
  if (typeof value !== "string" && typeof value !== "number") return UNFIT;
  const match = number.exec(digits);
  if (match === null) return UNFIT;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale - fraction.length + Number(exponent);
  let unscaled = BigInt(sign + whole + fraction);
  if (shift >= 0) unscaled *= 10n ** BigInt(shift);
  else {
    const divisor = 10n ** BigInt(-shift);
    if (unscaled % divisor !== 0n) return UNFIT;
    unscaled /= divisor;
  }
  const size = unscaled < 0n ? -unscaled : unscaled;
  if (size >= 10n ** BigInt(precision)) return UNFIT;
  return bytesOf(unscaled);
}

function bytesOf(value: bigint): Buffer {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, "0"), "hex");
}

const instant =
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.(\d{1,6})0*)?(?:Z|[+-]\d\d:?\d\d)$/i;

/** A date-time with its zone, in units of 10^-3 or 10^-6 seconds since the epoch. */
export function toTimestamp(
  value: unknown,
  unit: "millis" | "micros",
): bigint | typeof UNFIT {
  if (typeof value !== "string") return UNFIT;
  const match = instant.exec(value);
  if (match === null || !hasCalendarDay(value)) return UNFIT;
  const fraction = match[1] ?? "";
  const seconds = Date.parse(value.replace(/\.\d+/, ""));
  if (Number.isNaN(seconds)) return UNFIT;
  const micros =
    BigInt(seconds) * 1_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
  if (unit === "micros") return micros;
  return micros % 1_000n === 0n ? micros / 1_000n : UNFIT;
}
