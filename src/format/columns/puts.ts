import { members, type Span } from "../../json/members.ts";
import { isNullAt, isObjectAt, textAt } from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import type { Column } from "./column.ts";
import type { ColumnCodec, Row } from "./table.ts";

/** The members of the record whose value is put. */
type Members = ReadonlyMap<string, Span>;

/**
 * Puts a JSON value into its columns. Returns the JSON text of what they don't hold; when nothing
 * is left, whether any column holds something.
 */
export type Put = (
  row: Row,
  json: Buffer,
  span: Span,
  record: Members,
) => string | boolean;

/** The members of a JSON text with one more. */
export function withMember(before: string, name: string, text: string): string {
  return `${before}${before === "" ? "" : ","}${JSON.stringify(name)}:${text}`;
}

/** Creates the put of a value with a column of its own. */
export function valuePut({ name, type }: Column, codec: ColumnCodec): Put {
  const read = codec.read[type];
  const isNullTold = codec.neverNull.has(type);
  return (row, json, span) => {
    if (isNullAt(json, span)) return isNullTold ? "null" : false;
    const value = read(json, span);
    if (value === UNFIT) return textAt(json, span);
    row[name] = value;
    return value !== null;
  };
}

/** Creates the put of an object whose members have columns. `{}` tells an object that leaves them all null from null. */
export function objectPut(puts: ReadonlyMap<string, Put>): Put {
  return (row, json, span, record) => {
    if (isNullAt(json, span)) return false;
    if (!isObjectAt(json, span)) return textAt(json, span);
    let rest = "";
    let isHeld = false;
    for (const [name, place] of members(json, span.start)) {
      const put = puts.get(name);
      const left =
        put === undefined ? textAt(json, place) : put(row, json, place, record);
      if (typeof left === "string") rest = withMember(rest, name, left);
      else isHeld ||= left;
    }
    return rest === "" && isHeld ? true : `{${rest}}`;
  };
}
