import type { Type } from "avsc";
import { branchesOf, fieldsOfType } from "./type-parts.ts";
import type { AvroField, AvroSchema } from "./schemas.ts";

/** A schema, and the type that avsc made of it. */
export interface CompiledSchema {
  readonly schema: AvroSchema;
  readonly type: Type;
}

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

/** The same with its type. */
export function compiledRowWithin({
  schema,
  type: envelope,
}: CompiledSchema): CompiledSchema {
  const row = rowWithin(schema);
  const type = statesOf(fieldsOfType(envelope))
    .flatMap((state) => branchesOf(state.type))
    .find(({ typeName }) => typeName === "record");
  if (type === undefined) throw new TypeError("the envelope holds no record");
  return { schema: row, type };
}

function statesOf<T extends { readonly name: string }>(
  fields: readonly T[],
): readonly T[] {
  return fields.filter(({ name }) => name === "before" || name === "after");
}

export function fieldsOf(schema: AvroSchema): readonly AvroField[] {
  return typeof schema === "object" && "fields" in schema
    ? (schema.fields ?? [])
    : [];
}
