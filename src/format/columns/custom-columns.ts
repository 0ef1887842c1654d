import {
  isSameField,
  type CustomField,
  type CustomFieldKind,
  type CustomFieldList,
} from "../../domain/custom-fields.ts";
import type { ColumnType, CustomColumn } from "./column.ts";
import { fittedName, slug } from "./slug.ts";

/** The members of an address, each of which is a column. */
const addressParts = ["line1", "city", "postal_code", "state", "country"];

/** PostgreSQL takes at most 1,600 columns a table. Fields beyond stay in `custom_fields`. */
const MOST_COLUMNS = 1_500;

const types: Readonly<Record<CustomFieldKind, ColumnType>> = {
  text: "string",
  number: "decimal",
  boolean: "boolean",
  date: "date",
  "date-time": "local-timestamp",
  choice: "string",
  choices: "strings",
  address: "string",
};

/** The columns of those that hold the values of a field as it is defined now. */
export function columnsFor(
  field: CustomField,
  columns: readonly CustomColumn[],
): readonly CustomColumn[] {
  const isAddress = field.kind === "address";
  const type = types[field.kind];
  return columns.filter(
    ({ place, type: own }) =>
      isSameField(place.field, field) &&
      (place.part !== null) === isAddress &&
      own === type,
  );
}

/**
 * The columns of custom fields: the remembered ones, which never leave, and those of fields that
 * have none of their type yet. A field keeps its column when Sell renames it.
 */
export function customColumns(
  remembered: readonly CustomColumn[],
  fields: CustomFieldList,
  otherNames: Iterable<string>,
): readonly CustomColumn[] {
  const columns = remembered.map((column) => renamed(column, fields));
  const taken = new Set(otherNames);
  for (const { name } of columns) taken.add(name);
  for (const field of fields) {
    if (columnsFor(field, columns).length > 0) continue;
    const added = newColumns(field, columns, taken);
    if (columns.length + added.length > MOST_COLUMNS) break;
    columns.push(...added);
    for (const { name } of added) taken.add(name);
  }
  return columns;
}

/** The column with the name that its field has in Sell now. */
function renamed(column: CustomColumn, fields: CustomFieldList): CustomColumn {
  const { place } = column;
  const now = fields.find((field) => isSameField(field, place.field));
  if (now === undefined || now.name === place.field.name) return column;
  const field = { ...place.field, name: now.name };
  return { ...column, place: { ...place, field } };
}

function newColumns(
  field: CustomField,
  columns: readonly CustomColumn[],
  taken: ReadonlySet<string>,
): readonly CustomColumn[] {
  const parts = field.kind === "address" ? addressParts : [null];
  const { id, resource, name: fieldName } = field;
  const endings = parts.map((part) => (part === null ? "" : `_${part}`));
  for (const { base, mark } of candidates(field, columns)) {
    const names = endings.map((ending) => fittedName(base, mark + ending));
    if (names.some((name) => taken.has(name))) continue;
    return parts.map((part, at) => ({
      name: names[at] ?? "",
      type: types[field.kind],
      place: { kind: "custom", field: { id, resource, name: fieldName }, part },
    }));
  }
  return [];
}

/** The names for a field, best first: by its name, with a number after its type changed, with its id. */
function* candidates(
  { id, resource, name }: CustomField,
  columns: readonly CustomColumn[],
): Generator<{ readonly base: string; readonly mark: string }> {
  const earlier = columns.find(({ place }) =>
    isSameField(place.field, { id, resource }),
  );
  const words = slug(name);
  const own = words === "" ? `cf_${id}` : `cf_${words}`;
  const first = earlier === undefined ? null : baseOf(earlier);
  if (first === null) yield { base: own, mark: "" };
  else
    for (let number = 2; number < 100; number++)
      yield { base: first, mark: `_${number}` };
  yield { base: own, mark: `_${id}` };
  for (let number = 2; number < 1_000; number++)
    yield { base: own, mark: `_${id}_${number}` };
}

/** The name of a field's first column, without the part of an address. */
function baseOf({ name, place: { part } }: CustomColumn): string {
  return part === null ? name : name.slice(0, -part.length - 1);
}
