import type { AvroField, AvroSchema } from "../avro/schemas.ts";
import { EXTRA, readRowSchema } from "../schema-files.ts";
import { CUSTOM_FIELDS, type Column, type ColumnType } from "./column.ts";

/** The columns of a committed schema, without those of custom fields. */
export function baseColumns(schemaName: string): readonly Column[] {
  const { fields } = JSON.parse(readRowSchema(schemaName)) as {
    fields: readonly AvroField[];
  };
  const named = new Map<string, AvroSchema>();
  return [
    ...fields
      .filter(({ name }) => name !== EXTRA)
      .flatMap(({ name, type }) => flattened([name], type, named)),
    { name: EXTRA, type: "json", place: { kind: "extra" } },
  ];
}

/** Records become a column for each member, whatever holds records in a list becomes JSON text. */
function flattened(
  path: readonly string[],
  schema: AvroSchema,
  named: Map<string, AvroSchema>,
): readonly Column[] {
  const type = ownType(schema, named);
  if (typeof type !== "string" && "fields" in type)
    return (type.fields ?? []).flatMap((field) =>
      flattened([...path, field.name], field.type, named),
    );
  const name = path.join("_");
  if (name === CUSTOM_FIELDS)
    return [{ name, type: "json", place: { kind: "other-custom-fields" } }];
  return [{ name, type: columnTypeOf(type), place: { kind: "member", path } }];
}

type OwnType = Exclude<AvroSchema, readonly AvroSchema[]>;

/** Returns the type of a field that is not null. Adds records to `named`. */
function ownType(schema: AvroSchema, named: Map<string, AvroSchema>): OwnType {
  if (schema instanceof Array)
    return ownType(schema.find((one) => one !== "null") ?? "null", named);
  if (typeof schema === "string") {
    const known = named.get(schema);
    return known === undefined ? schema : ownType(known, named);
  }
  if ("fields" in schema) named.set(schema.name ?? "", schema);
  return schema;
}

/** The type of the column for an Avro type that is no record. */
export function columnTypeOf(type: AvroSchema): ColumnType {
  if (type instanceof Array)
    return columnTypeOf(type.find((one) => one !== "null") ?? "null");
  if (typeof type === "string") return plainTypes.get(type) ?? "json";
  const { logicalType = "" } = type;
  const logical = logicalTypes.get(logicalType);
  if (logical !== undefined) return logical;
  if (type.type === "array")
    return listTypes.get(columnTypeOf(type.items ?? "null")) ?? "json";
  return columnTypeOf(type.type);
}

const plainTypes = new Map<string, ColumnType>([
  ["long", "long"],
  ["string", "string"],
  ["boolean", "boolean"],
]);

const logicalTypes = new Map<string, ColumnType>([
  ["decimal", "decimal"],
  ["timestamp-micros", "timestamp"],
  ["local-timestamp-micros", "local-timestamp"],
  ["date", "date"],
]);

const listTypes = new Map<ColumnType, ColumnType>([
  ["long", "longs"],
  ["string", "strings"],
]);
