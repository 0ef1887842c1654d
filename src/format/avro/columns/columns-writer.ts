import type { types } from "avsc";
import type { CustomFieldList } from "../../../domain/custom-fields.ts";
import type { Column, ColumnType } from "../../columns/column.ts";
import { rowReader } from "../../columns/row-reader.ts";
import {
  copyingReads,
  writeCopied,
  type CopiedText,
} from "../../columns/values.ts";
import { UNFIT } from "../../scalars/scalars.ts";
import { EXTRA } from "../../schema-files.ts";
import type { RowWriter } from "../../wire/wire-value-writer.ts";
import type { WireWriter } from "../../wire/wire-writer.ts";
import { avroCodec } from "./codec.ts";
import { columnIn } from "./table.ts";
import type { CompiledSchema } from "../compiled-schema.ts";
import { fieldsOf } from "../row-within.ts";
import {
  branchesOf,
  defaultOf,
  fieldsOfType,
  isUnion,
  nullIn,
} from "../type-parts.ts";
import { NO_MORE, writeInteger } from "../value-writers.ts";

/** Writes the value of a column; returns whether its field can hold it. */
type WriteColumn = (out: WireWriter, value: unknown, json: Buffer) => boolean;

/** Creates the writer for a record schema of columns, of this program or of an operator. */
export function columnsWriter(
  { schema, type }: CompiledSchema,
  customFields: CustomFieldList | null,
): RowWriter {
  const held = fieldsOf(schema).map(columnIn);
  const table = { columns: held.filter((column) => column !== null) };
  const read = rowReader(table, copyingReads(avroCodec), customFields);
  const fields = fieldsOfType(type).map((field, index) => {
    const column = held[index] ?? null;
    return {
      name: field.name,
      at: column === null ? -1 : table.columns.indexOf(column),
      write: columnWriter(field, column),
    };
  });
  return (out, data) => {
    const values = read(data);
    if (values === UNFIT) return EXTRA;
    for (const { name, at, write } of fields)
      if (!write(out, values[at], data)) return name;
    return null;
  };
}

/** Creates the writer for a field and the column that it holds, if any. */
function columnWriter(field: types.Field, column: Column | null): WriteColumn {
  const byDefault = defaultOf(field);
  if (column === null)
    return (out) => {
      if (byDefault === null) return false;
      out.raw(byDefault);
      return true;
    };
  const write = writers[column.type];
  const branches = branchesOf(field.type);
  const hasIndex = isUnion(field.type);
  const nullAt = nullIn(branches);
  const valueAt = nullAt === 0 ? 1 : 0;
  return (out, value, json) => {
    const isMissing = value === null || value === undefined;
    if (isMissing && nullAt < 0) return false;
    if (hasIndex) out.zigzag(isMissing ? nullAt : valueAt);
    if (!isMissing) write(out, value, json);
    return true;
  };
}

type WriteValue = (out: WireWriter, value: unknown, json: Buffer) => void;

const writeText: WriteValue = (out, value, json) => {
  writeCopied(out, value as CopiedText, json);
};

const writeWhole: WriteValue = (out, value) => {
  writeInteger(out, value as number | bigint);
};

function listWriter(write: WriteValue): WriteValue {
  return (out, value, json) => {
    const list = value as readonly unknown[];
    if (list.length > 0) out.zigzag(list.length);
    for (const one of list) write(out, one, json);
    out.zigzag(NO_MORE);
  };
}

const writers: Readonly<Record<ColumnType, WriteValue>> = {
  long: writeWhole,
  string: writeText,
  boolean: (out, value) => {
    out.varint(value === true ? 1 : 0);
  },
  decimal: (out, value) => {
    const bytes = value as Buffer;
    out.bytes(bytes, 0, bytes.length);
  },
  timestamp: writeWhole,
  "local-timestamp": writeWhole,
  date: writeWhole,
  longs: listWriter(writeWhole),
  strings: listWriter(writeText),
  json: writeText,
};
