import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { members } from "../../json/members.ts";
import { isNullAt, isObjectAt, textAt, wholeOf } from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { isCustom, type Column } from "./column.ts";
import { customNames } from "./custom-names.ts";
import { objectPut, valuePut, withMember, type Put } from "./puts.ts";
import type { ColumnCodec, Row, Table, Unfit } from "./table.ts";

/** Converts a record's JSON text to a row; UNFIT when the table can't hold a part of it. */
export type RowReader = (data: Buffer) => Row | Unfit;

/**
 * Creates the reader for a table. What has no column, and what its column can't hold exactly, goes
 * into `extra`; custom fields without a column into `custom_fields`. `fields` tells the names of
 * custom fields; null for those that the table remembers.
 */
export function rowReader(
  { columns }: Table,
  codec: ColumnCodec,
  fields: CustomFieldList | null,
): RowReader {
  const extra = columns.find(({ place }) => place.kind === "extra");
  const puts = memberPuts(columns, codec);
  if (columns.some((one) => isCustom(one) || isOther(one)))
    puts.set("custom_fields", customPut(columns, codec, fields));
  const empty: Row = Object.fromEntries(
    columns.map(({ name }) => [name, null]),
  );
  return (data) => {
    const whole = wholeOf(data);
    if (!isObjectAt(data, whole)) return UNFIT;
    const row = { ...empty };
    const record = members(data, whole.start);
    let rest = "";
    for (const [name, span] of record) {
      const put = puts.get(name);
      const left =
        put === undefined ? textAt(data, span) : put(row, data, span, record);
      if (typeof left === "string") rest = withMember(rest, name, left);
    }
    if (rest === "") return row;
    if (extra === undefined) return UNFIT;
    row[extra.name] = codec.fromText(`{${rest}}`);
    return row;
  };
}

function isOther({ place }: Column): boolean {
  return place.kind === "other-custom-fields";
}

interface Branch {
  readonly puts: Map<string, Put>;
  readonly branches: Map<string, Branch>;
}

/** The put of each member of a record that has columns. */
function memberPuts(
  columns: readonly Column[],
  codec: ColumnCodec,
): Map<string, Put> {
  const root: Branch = { puts: new Map(), branches: new Map() };
  for (const column of columns) {
    if (column.place.kind !== "member") continue;
    const path = [...column.place.path];
    const last = path.pop() ?? "";
    let branch = root;
    for (const member of path) {
      const inner = branch.branches.get(member) ?? {
        puts: new Map<string, Put>(),
        branches: new Map<string, Branch>(),
      };
      branch.branches.set(member, inner);
      branch = inner;
    }
    branch.puts.set(last, valuePut(column, codec));
  }
  return putsOf(root);
}

function putsOf({ puts, branches }: Branch): Map<string, Put> {
  for (const [member, branch] of branches)
    puts.set(member, objectPut(putsOf(branch)));
  return puts;
}

/** For `custom_fields`: known names go into their columns, others stay together as JSON text. */
function customPut(
  columns: readonly Column[],
  codec: ColumnCodec,
  fields: CustomFieldList | null,
): Put {
  const putsOfName = customNames(columns.filter(isCustom), codec, fields);
  const others = columns.find(isOther);
  return (row, json, span, record) => {
    if (isNullAt(json, span)) return false;
    if (!isObjectAt(json, span)) return textAt(json, span);
    let rest = "";
    let unknown = "";
    let isHeld = false;
    for (const [name, place] of members(json, span.start)) {
      const put = putsOfName.get(name);
      if (put === undefined && others !== undefined) {
        unknown = withMember(unknown, name, textAt(json, place));
        continue;
      }
      const left =
        put === undefined ? textAt(json, place) : put(row, json, place, record);
      if (typeof left === "string") rest = withMember(rest, name, left);
      else isHeld ||= left;
    }
    const isTold = isHeld || rest !== "";
    if (others !== undefined && (unknown !== "" || !isTold))
      row[others.name] = codec.fromText(`{${unknown}}`);
    return rest === "" && (isHeld || others !== undefined) ? true : `{${rest}}`;
  };
}
