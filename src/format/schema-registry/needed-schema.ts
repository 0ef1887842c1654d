import type { ColumnsLayout, SchemaSet, ValueShape } from "../value-format.ts";
import type { Schema } from "./schema.ts";

interface Needing {
  readonly schemas: SchemaSet;
  readonly shape: ValueShape;
  /** Null for the generic schema. */
  readonly type: string | null;
  /** Null for the nested layout. */
  readonly columns: Pick<ColumnsLayout, "customFields"> | null;
}

/** The schema that values need, as the next version of a subject's latest one. */
export async function neededSchema(
  { schemas, shape, type, columns }: Needing,
  latest: Schema | null,
): Promise<Schema> {
  const { kind } = schemas;
  if (columns === null) return { kind, text: schemas.text(type, shape) };
  const fields = type === null ? null : columns.customFields.of(type);
  const known = { latest: latest?.text ?? null, fields };
  return { kind, text: await schemas.columns.text(type, shape, known) };
}
