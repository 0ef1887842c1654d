import type { AvroField, AvroSchema } from "./schemas.ts";

/** The record schema of `before` and `after` in an envelope: the first of them defines it, the second names it. */
export function rowWithin(envelope: AvroSchema): AvroSchema {
  for (const { name, type } of fieldsOf(envelope)) {
    if (name !== "before" && name !== "after") continue;
    const branches = type instanceof Array ? type : [type];
    const row = branches.find((branch) => fieldsOf(branch).length > 0);
    if (row !== undefined) return row;
  }
  throw new Error(
    'it has no record in its fields "before" or "after", as the change envelope needs it',
  );
}

export function fieldsOf(schema: AvroSchema): readonly AvroField[] {
  return typeof schema === "object" && "fields" in schema
    ? (schema.fields ?? [])
    : [];
}
