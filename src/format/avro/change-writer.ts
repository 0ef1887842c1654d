import type { Type } from "avsc";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import type { ChangeWriter } from "../wire/wire-value-writer.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { columnsWriter } from "./columns/columns-writer.ts";
import type { CompiledSchema } from "./compiled-schema.ts";
import { fieldsOf } from "./row-within.ts";
import { rowWriter } from "./row-writer.ts";
import { isGeneric } from "./schemas.ts";

/**
 * Creates the writer for a change's record alone. `fields` are the custom fields that Sell defines
 * for its type, as far as columns are written and they are known.
 */
export function recordWriter(
  value: CompiledSchema,
  isOfColumns: boolean,
  fields: CustomFieldList | null,
): ChangeWriter {
  if (isGeneric(fieldsOf(value.schema))) return genericWriter(value.type);
  const write = isOfColumns ? columnsWriter(value, fields) : rowWriter(value);
  return (out, { data }) => write(out, data);
}

function genericWriter(type: Type): ChangeWriter {
  return (out, { recordKey, data }) =>
    recordKey.isWellFormed()
      ? writeWith(type, out, { id: recordKey, data: data.toString("utf8") })
      : "id";
}

/** Has avsc write the value at a path. Returns as a ChangeWriter does. */
export function writeWith(
  type: Type,
  out: WireWriter,
  value: unknown,
  path: readonly string[] = [],
): string | null {
  try {
    out.by((bytes, at) => type.encode(value, bytes, at));
    return null;
  } catch {
    return [...path, ...misfitPath(type, value)].join(".") || "its root";
  }
}

/** The path of the first part of a value that does not fit the type. */
function misfitPath(type: Type, value: unknown): readonly string[] {
  const misfits: string[][] = [];
  try {
    type.isValid(value, {
      errorHook: (path) => {
        misfits.push(path);
      },
    });
  } catch {
    // avsc throws at a bigint for an `int`, and tells no path.
  }
  return misfits[0] ?? [];
}
