import { members, type Span } from "../../json/members.ts";
import { isNullAt, isObjectAt, textAt } from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import type { Column } from "./column.ts";
import type { ReadValue, Row } from "./table.ts";

/** The members of the record whose value is put. */
type Members = ReadonlyMap<string, Span>;

/**
 * Puts a JSON value into its columns, and returns the JSON text of what they don't hold; null when
 * they hold all of it.
 */
export type Put = (
  row: Row,
  json: Buffer,
  span: Span,
  record: Members,
) => string | null;

/** The members of a JSON text with one more. */
export function withMember(before: string, name: string, text: string): string {
  return `${before}${before === "" ? "" : ","}${JSON.stringify(name)}:${text}`;
}

/** Creates the put of a value with a column of its own. */
export function valuePut({ name }: Column, read: ReadValue): Put {
  return (row, json, span) => {
    if (isNullAt(json, span)) return null;
    const value = read(json, span);
    if (value === UNFIT) return textAt(json, span);
    row[name] = value;
    return null;
  };
}

/** Creates the put of an object whose members have columns. `{}` tells an object that leaves them all null from null. */
export function objectPut(puts: ReadonlyMap<string, Put>): Put {
  return (row, json, span, record) => {
    if (isNullAt(json, span)) return null;
    if (!isObjectAt(json, span)) return textAt(json, span);
    let rest = "";
    let isHeld = false;
    for (const [name, place] of members(json, span.start)) {
      const put = puts.get(name);
      const left =
        put === undefined ? textAt(json, place) : put(row, json, place, record);
      if (left !== null) rest = withMember(rest, name, left);
      else isHeld ||= !isNullAt(json, place);
    }
    return rest === "" && isHeld ? null : `{${rest}}`;
  };
}
