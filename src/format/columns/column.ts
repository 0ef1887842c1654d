import type { CustomFieldId } from "../../domain/custom-fields.ts";
import { isObject } from "../../json/parsed.ts";
import { EXTRA } from "../schema-files.ts";

/** The type of a column's values, whatever the encoding. `json` is the JSON text of a value. */
export const columnTypes = [
  "long",
  "string",
  "boolean",
  "decimal",
  "timestamp",
  "local-timestamp",
  "date",
  "longs",
  "strings",
  "json",
] as const;

export type ColumnType = (typeof columnTypes)[number];

/** One column of a flat row. Each column may be null. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly place: Place;
}

/** The place of a column's value in Sell's record. */
type Place =
  | { readonly kind: "member"; readonly path: readonly string[] }
  | CustomPlace
  /** The members of `custom_fields` that have no column. */
  | { readonly kind: "other-custom-fields" }
  /** All that no other column can hold, as an object to be merged into the record. */
  | { readonly kind: "extra" };

export interface CustomPlace {
  readonly kind: "custom";
  readonly field: CustomFieldId & { readonly name: string };
  /** The member of an address; null for other fields. */
  readonly part: string | null;
}

export interface CustomColumn extends Column {
  readonly place: CustomPlace;
}

export function isCustom(column: Column): column is CustomColumn {
  return column.place.kind === "custom";
}

export const CUSTOM_FIELDS = "custom_fields";

/** The precision and scale of decimal columns. */
export const decimalSize = { precision: 38, scale: 9 };

/** The property of a record schema whose fields are columns, and its value. */
export const LAYOUT = "sell.layout";
export const COLUMNS = "columns";
/** The property with the type of the records. */
export const TABLE = "sell.table";

type Properties = Readonly<Record<string, unknown>>;

/** The properties of a column's field in a schema, by which `columnOf` knows the column again. */
export function propertiesOf({ name, type, place }: Column): Properties {
  const json = type === "json" ? { "sell.type": type } : {};
  if (place.kind === "member") {
    const path = place.path.join(".");
    return path === name ? json : { ...json, "sell.path": path };
  }
  if (place.kind !== "custom") return json;
  const { id, resource, name: fieldName } = place.field;
  return {
    "sell.id": Number.isSafeInteger(Number(id)) ? Number(id) : id,
    "sell.name": fieldName,
    ...(resource !== null && { "sell.resource": resource }),
    ...(place.part !== null && { "sell.part": place.part }),
  };
}

/** The column of a schema's field, by its properties; `typeOf` tells the type where they don't. */
export function columnOf(
  name: string,
  field: unknown,
  type: ColumnType,
): Column {
  const properties: Properties = isObject(field) ? field : {};
  const place = placeOf(name, properties);
  const isText =
    properties["sell.type"] === "json" ||
    place.kind === "extra" ||
    place.kind === "other-custom-fields";
  return { name, type: isText ? "json" : type, place };
}

function placeOf(name: string, properties: Properties): Place {
  const custom = customPlaceOf(properties);
  if (custom !== null) return custom;
  const path = properties["sell.path"];
  if (typeof path === "string")
    return { kind: "member", path: path.split(".") };
  if (name === EXTRA) return { kind: "extra" };
  return name === CUSTOM_FIELDS
    ? { kind: "other-custom-fields" }
    : { kind: "member", path: [name] };
}

function customPlaceOf(properties: Properties): CustomPlace | null {
  const id = properties["sell.id"];
  const name = properties["sell.name"];
  if (typeof id !== "number" && typeof id !== "string") return null;
  if (typeof name !== "string") return null;
  const text = (property: string) => {
    const value = properties[property];
    return typeof value === "string" ? value : null;
  };
  const resource = text("sell.resource");
  return {
    kind: "custom",
    field: { id: String(id), resource, name },
    part: text("sell.part"),
  };
}
