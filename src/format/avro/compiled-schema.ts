import type { Type } from "avsc";
import { rowWithin, statesOf } from "./row-within.ts";
import type { AvroSchema } from "./schemas.ts";
import { branchesOf, fieldsOfType } from "./type-parts.ts";

/** A schema, and the type that avsc made of it. */
export interface CompiledSchema {
  readonly schema: AvroSchema;
  readonly type: Type;
}

/** The record schema within an envelope, with its type. */
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
