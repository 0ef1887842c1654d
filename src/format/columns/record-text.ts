import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { isSameField } from "../../domain/custom-fields.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { members, type Span } from "../../json/members.ts";
import { isObjectAt, textAt, wholeOf } from "../../json/values.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { CUSTOM_FIELDS, type Column, type CustomPlace } from "./column.ts";
import { rowReader } from "./row-reader.ts";
import type { ColumnCodec, Row, Table } from "./table.ts";

/** An object by its members: the JSON text of a value, or another object. */
interface Branch {
  readonly members: Map<string, string | Branch>;
}

/** Returns the record, as JSON text, that a row stands for. */
export type RecordText = (row: Row) => string;

/** Creates what makes records of the rows of a table. `fields` as for `rowReader`. */
export function recordText(
  { columns }: Table,
  codec: Pick<ColumnCodec, "toJson">,
  fields: CustomFieldList | null,
): RecordText {
  const places = columns.map((column) => ({
    column,
    path: pathOf(column, fields),
    toJson: codec.toJson[column.type],
  }));
  return (row) => {
    const record: Branch = { members: new Map() };
    const patches: { readonly path: readonly string[]; text: string }[] = [];
    for (const { column, path, toJson } of places) {
      const value = row[column.name];
      if (value === null || value === undefined) continue;
      const text = toJson(value);
      if (path === null || column.place.kind === "other-custom-fields")
        patches.push({ path: path ?? [], text });
      else set(record, path, text);
    }
    for (const { path, text } of patches) {
      const json = Buffer.from(text);
      merge(inside(record, path), json, wholeOf(json));
    }
    return textOf(record);
  };
}

/** The path of a column's value in the record; null for what is merged into the record itself. */
function pathOf(
  { place }: Column,
  fields: CustomFieldList | null,
): readonly string[] | null {
  switch (place.kind) {
    case "member":
      return place.path;
    case "custom":
      return [
        CUSTOM_FIELDS,
        nameNow(place, fields),
        ...(place.part === null ? [] : [place.part]),
      ];
    case "other-custom-fields":
      return [CUSTOM_FIELDS];
    case "extra":
      return null;
  }
}

function nameNow(
  { field }: CustomPlace,
  fields: CustomFieldList | null,
): string {
  const known = fields?.find((one) => isSameField(one, field));
  return known?.name ?? field.name;
}

function set(record: Branch, path: readonly string[], text: string): void {
  const last = path.at(-1) ?? "";
  inside(record, path.slice(0, -1)).members.set(last, text);
}

/** The object at a path, which is created where it is missing. */
function inside(record: Branch, path: readonly string[]): Branch {
  let at = record;
  for (const name of path) {
    const known = at.members.get(name);
    const next: Branch =
      typeof known === "object" ? known : { members: new Map() };
    if (next !== known) at.members.set(name, next);
    at = next;
  }
  return at;
}

/** Adds the members of a JSON object, which win over those that are there. */
function merge(into: Branch, json: Buffer, span: Span): void {
  for (const [name, place] of members(json, span.start)) {
    const known = into.members.get(name);
    if (typeof known === "object" && isObjectAt(json, place))
      merge(known, json, place);
    else into.members.set(name, textAt(json, place));
  }
}

function textOf(value: string | Branch): string {
  if (typeof value === "string") return value;
  const texts = [...value.members].map(
    ([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`,
  );
  return `{${texts.join(",")}}`;
}

/** The canonical texts of records and rows of one table: equal when they say the same. */
export interface TableMeaning {
  ofJson(data: Buffer): string;
  ofRow(row: Row): string;
}

/**
 * Records are compared by what their columns keep, wherever a row has it: a member that is null
 * counts as missing where it has a column, since a row can't tell the two apart.
 */
export function tableMeaning(
  table: Table,
  codec: ColumnCodec,
  fields: CustomFieldList | null,
): TableMeaning {
  const read = rowReader(table, codec, fields);
  const toText = recordText(table, codec, fields);
  const ofJson = (data: Buffer) => {
    const values = read(data);
    if (values === UNFIT) return canonicalJson(data);
    const row = Object.fromEntries(
      table.columns.map(({ name }, index) => [name, values[index]]),
    );
    return canonicalJson(Buffer.from(toText(row)));
  };
  return { ofJson, ofRow: (row) => ofJson(Buffer.from(toText(row))) };
}
