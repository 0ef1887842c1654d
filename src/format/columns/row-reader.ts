import type { CustomFieldList } from "../../domain/custom-fields.ts";
import {
  isArrayAt,
  isNullAt,
  isObjectAt,
  textAt,
  wholeOf,
} from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { CUSTOM_FIELDS, isCustom, type Column } from "./column.ts";
import { customNames } from "./custom-names.ts";
import {
  MemberPuts,
  objectPut,
  valuePut,
  type Put,
  type Target,
} from "./puts.ts";
import type { ColumnReads, Table, Unfit, Values } from "./table.ts";

/** Converts a record's JSON text to a row; UNFIT when the table can't hold a part of it. */
export type RowReader = (data: Buffer) => Values | Unfit;

/**
 * Creates the reader for a table. What has no column, and what its column can't hold exactly, goes
 * into `extra`; custom fields without a column into `custom_fields`. `fields` tells the names of
 * custom fields; null for those that the table remembers.
 */
export function rowReader(
  { columns }: Table,
  reads: ColumnReads,
  fields: CustomFieldList | null,
): RowReader {
  const extraAt = columns.findIndex(({ place }) => place.kind === "extra");
  const target = { reads, indexOf: (one: Column) => columns.indexOf(one) };
  const puts = memberPuts(columns, target);
  if (columns.some((one) => isCustom(one) || isOther(one)))
    puts.set(CUSTOM_FIELDS, customPut(columns, target, fields));
  const record = new MemberPuts(puts);
  const empty: Values = columns.map(() => null);
  return (data) => {
    const whole = wholeOf(data);
    if (!isObjectAt(data, whole)) return UNFIT;
    const values = empty.slice();
    const { rest } = record.put(values, data, whole.start);
    const left = record.withOthers(data, rest);
    if (left === "") return values;
    if (extraAt < 0) return UNFIT;
    values[extraAt] = reads.fromText(`{${left}}`);
    return values;
  };
}

function isOther({ place }: Column): boolean {
  return place.kind === "other-custom-fields";
}

/** Without columns of custom fields, Sell's own text of the object holds them all. */
function wholePut(column: Column, target: Target): Put {
  const put = valuePut(column, target);
  return (values, json, span, record) =>
    isArrayAt(json, span)
      ? textAt(json, span)
      : put(values, json, span, record);
}

interface Branch {
  readonly puts: Map<string, Put>;
  readonly branches: Map<string, Branch>;
}

/** The put of each member of a record that has columns. */
function memberPuts(
  columns: readonly Column[],
  target: Target,
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
    branch.puts.set(last, valuePut(column, target));
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
  target: Target,
  fields: CustomFieldList | null,
): Put {
  const puts = customNames(columns.filter(isCustom), target, fields);
  const others = columns.find(isOther);
  if (others === undefined) return objectPut(puts);
  if (puts.size === 0) return wholePut(others, target);
  const { reads, indexOf } = target;
  const othersAt = indexOf(others);
  const members = new MemberPuts(puts);
  return (values, json, span, record) => {
    if (isNullAt(json, span)) return false;
    if (!isObjectAt(json, span)) return textAt(json, span);
    const { rest, isHeld } = members.put(values, json, span.start, record);
    const unknown = members.withOthers(json, "");
    const isTold = isHeld || rest !== "";
    if (unknown !== "" || !isTold)
      values[othersAt] = reads.fromText(`{${unknown}}`);
    return rest === "" ? true : `{${rest}}`;
  };
}
