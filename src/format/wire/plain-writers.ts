import { BACKSLASH, QUOTE } from "../../json/bytes.ts";
import type { Span } from "../../json/members.ts";
import { scalarAt, textAt } from "../../json/values.ts";
import type { WireWriter } from "./wire-writer.ts";

/**
 * Writes the JSON value at a span, without a tag. Returns false, with `out` as it was, when that
 * would not be exact.
 */
export type WriteValue = (out: WireWriter, json: Buffer, span: Span) => boolean;

export const writeNothing: WriteValue = () => false;

export const writeText: WriteValue = (out, json, { start, end }) => {
  if (json[start] !== QUOTE) return false;
  for (let at = start; at < end; at++)
    if (json[at] === BACKSLASH) return writeEscaped(out, json, { start, end });
  out.bytes(json, start + 1, end - 1);
  return true;
};

/** UTF-8 has no bytes for a lone surrogate. */
const writeEscaped: WriteValue = (out, json, span) => {
  const text = JSON.parse(textAt(json, span)) as string;
  if (!text.isWellFormed()) return false;
  out.text(text);
  return true;
};

export const writeBoolean: WriteValue = (out, json, span) => {
  const value = scalarAt(json, span);
  if (typeof value !== "boolean") return false;
  out.varint(value ? 1 : 0);
  return true;
};
