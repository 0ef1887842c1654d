import type { AvroField, AvroSchema } from "./schemas.ts";

/** The record schema of `before` and `after` in an envelope: the first of them defines it, the second names it. */
export function rowWithin(envelope: AvroSchema): AvroSchema {
  const row = statesOf(fieldsOf(envelope))
    .flatMap(({ type }) => (type instanceof Array ? type : [type]))
    .find((branch) => fieldsOf(branch).length > 0);
  if (row === undefined)
    throw new Error(
      'it has no record in its fields "before" or "after", as the change envelope needs it',
    );
  return row;
}

/** The fields of an envelope that hold records. */
export function statesOf<T extends { readonly name: string }>(
  fields: readonly T[],
): readonly T[] {
  return fields.filter(({ name }) => name === "before" || name === "after");
}

export function fieldsOf(schema: AvroSchema): readonly AvroField[] {
  return typeof schema === "object" && "fields" in schema
    ? (schema.fields ?? [])
    : [];
}
