import type { KnownColumns } from "../columns/planned-table.ts";
import type { SchemaSet, ValueShape } from "../value-format.ts";
import type { Schema } from "./schema.ts";

/** The schema that values of a type need, the generic one for null. `known` is null for the nested layout. */
export function neededSchema(
  schemas: SchemaSet,
  type: string | null,
  shape: ValueShape,
  known: KnownColumns | null,
): Schema {
  const { kind, columns } = schemas;
  return {
    kind,
    text:
      known === null || columns === null
        ? schemas.text(type, shape)
        : columns.text(type, shape, known),
  };
}
