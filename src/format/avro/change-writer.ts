import type { Type } from "avsc";
import type { Change } from "../../domain/change.ts";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { rowReader } from "../columns/row-reader.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { EXTRA } from "../schema-files.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { avroCodec, tableOf } from "./columns.ts";
import { fieldsOf, type CompiledSchema } from "./row-within.ts";
import { rowWriter } from "./row-writer.ts";
import { isGeneric } from "./schemas.ts";

/**
 * Writes a change. Returns the path of the first part that does not fit the schema, with anything
 * in `out`; null when everything is written.
 */
export type ChangeWriter = (out: WireWriter, change: Change) => string | null;

/**
 * Creates the writer for a change's record alone. `fields` are the custom fields that Sell defines
 * for its type, as far as columns are written and they are known.
 */
export function recordWriter(
  { schema, type }: CompiledSchema,
  isOfColumns: boolean,
  fields: CustomFieldList | null,
): ChangeWriter {
  const own = fieldsOf(schema);
  if (isGeneric(own)) return genericWriter(type);
  if (!isOfColumns) {
    const write = rowWriter({ schema, type });
    return (out, { data }) => write(out, data);
  }
  const read = rowReader(tableOf(own), avroCodec, fields);
  return (out, { data }) => {
    const row = read(data);
    return row === UNFIT ? EXTRA : writeWith(type, out, row);
  };
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
  type.isValid(value, {
    errorHook: (path) => {
      misfits.push(path);
    },
  });
  return misfits[0] ?? [];
}
