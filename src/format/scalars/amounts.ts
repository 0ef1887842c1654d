import type { Span } from "../../json/members.ts";
import { scalarAt, textAt } from "../../json/values.ts";

const plain = /^-?\d+(?:\.\d+)?$/;
const withExponent = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/;

/** The digits of a number, or of a string of one, in plain decimal notation; null for another value. */
export function amountAt(json: Buffer, span: Span): string | null {
  const value = scalarAt(json, span);
  const text = typeof value === "string" ? value : textAt(json, span);
  if (plain.test(text)) return text;
  const match = withExponent.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const before = digits.slice(0, Math.max(point, 0)).padEnd(point, "0");
  const behind = digits
    .slice(Math.max(point, 0))
    .padStart(digits.length - point, "0");
  return `${sign}${withoutZeros(before || "0")}${behind && `.${behind}`}`;
}

/** The same text for all spellings of one amount. */
export function canonicalAmount(plainText: string): string {
  const [whole = "", fraction = ""] = plainText.replace("-", "").split(".");
  const digits = withoutZeros(whole);
  const behind = fraction.replace(/0+$/, "");
  const size = behind === "" ? digits : `${digits}.${behind}`;
  return plainText.startsWith("-") && size !== "0" ? `-${size}` : size;
}

/** Digits without needless zeros before them. */
function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}
