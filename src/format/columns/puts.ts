import { MemberPlaces } from "../../json/member-places.ts";
import type { Span } from "../../json/members.ts";
import { isNullAt, isObjectAt, textAt } from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import type { Column } from "./column.ts";
import type { ColumnReads, Values } from "./table.ts";

/**
 * Puts a JSON value into its columns. Returns the JSON text of what they don't hold; when nothing
 * is left, whether any column holds something. `record` has the members of the whole record.
 */
export type Put = (
  values: Values,
  json: Buffer,
  span: Span,
  record: MemberPlaces,
) => string | boolean;

/** How values are read, and their places in the row. */
export interface Target {
  readonly reads: ColumnReads;
  readonly indexOf: (column: Column) => number;
}

/** The members of a JSON text with one more. */
function withMember(before: string, name: string, text: string): string {
  return `${before}${before === "" ? "" : ","}${JSON.stringify(name)}:${text}`;
}

/** Creates the put of a value with a column of its own. */
export function valuePut(column: Column, { reads, indexOf }: Target): Put {
  const read = reads.read[column.type];
  const isNullTold = reads.neverNull.has(column.type);
  const index = indexOf(column);
  return (values, json, span) => {
    if (isNullAt(json, span)) return isNullTold ? "null" : false;
    const value = read(json, span);
    if (value === UNFIT) return textAt(json, span);
    values[index] = value;
    return value !== null;
  };
}

/** The puts of an object's members. Used for one object after the other. */
export class MemberPuts {
  readonly places: MemberPlaces;
  readonly #names: readonly string[];
  readonly #puts: readonly Put[];

  constructor(puts: ReadonlyMap<string, Put>) {
    this.#names = [...puts.keys()];
    this.#puts = [...puts.values()];
    const indexes = new Map(this.#names.map((name, index) => [name, index]));
    this.places = new MemberPlaces(indexes, this.#puts.length);
  }

  /**
   * Puts the members of the object that starts at `at`. Returns the members, as JSON text, that
   * their columns don't hold, and whether any column holds something. Members without a put stay
   * in `places.others`.
   */
  put(
    values: Values,
    json: Buffer,
    at: number,
    record: MemberPlaces = this.places,
  ): { readonly rest: string; readonly isHeld: boolean } {
    this.places.find(json, at);
    let rest = "";
    let isHeld = false;
    for (let index = 0; index < this.#puts.length; index++) {
      const place = this.places.of(index);
      if (place === null) continue;
      const left = (this.#puts[index] as Put)(values, json, place, record);
      if (typeof left === "string")
        rest = withMember(rest, this.#names[index] ?? "", left);
      else isHeld ||= left;
    }
    return { rest, isHeld };
  }

  /** Adds the members without a put to members that are JSON text. */
  withOthers(json: Buffer, before: string): string {
    let text = before;
    for (const [name, span] of this.places.others)
      text = withMember(text, name, textAt(json, span));
    return text;
  }
}

/** Creates the put of an object whose members have columns. `{}` tells an object that leaves them all null from null. */
export function objectPut(puts: ReadonlyMap<string, Put>): Put {
  const members = new MemberPuts(puts);
  return (values, json, span, record) => {
    if (isNullAt(json, span)) return false;
    if (!isObjectAt(json, span)) return textAt(json, span);
    const { rest, isHeld } = members.put(values, json, span.start, record);
    const left = members.withOthers(json, rest);
    return left === "" && isHeld ? true : `{${left}}`;
  };
}
