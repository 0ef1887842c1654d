import type { types, Type } from "avsc";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import type { ColumnType } from "../columns/column.ts";
import { rowReader } from "../columns/row-reader.ts";
import { UNFIT } from "../scalars/scalars.ts";
import { EXTRA } from "../schema-files.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { avroCodec, columnIn, tableOf } from "./columns.ts";
import { fieldsOf, type CompiledSchema } from "./row-within.ts";
import type { RowWriter } from "./row-writer.ts";
import type { AvroField } from "./schemas.ts";
import { branchesOf, defaultOf, fieldsOfType } from "./type-parts.ts";
import { NO_MORE, writeInteger } from "./value-writers.ts";

/** Writes the value of a column; returns whether its field can hold it. */
type WriteColumn = (out: WireWriter, value: unknown) => boolean;

/** Creates the writer for a record schema of columns, of this program or of an operator. */
export function columnsWriter(
  { schema, type }: CompiledSchema,
  customFields: CustomFieldList | null,
): RowWriter {
  const fields = fieldsOf(schema);
  const ofFields = fieldsOfType(type);
  const read = rowReader(tableOf(fields), avroCodec, customFields);
  const columns = fields.flatMap((field, index) => {
    const ofField = ofFields[index];
    return ofField === undefined
      ? []
      : [{ name: field.name, write: columnWriter(field, ofField) }];
  });
  return (out, data) => {
    const row = read(data);
    if (row === UNFIT) return EXTRA;
    const misfit = columns.find(({ name, write }) => !write(out, row[name]));
    return misfit?.name ?? null;
  };
}

function columnWriter(field: AvroField, ofField: types.Field): WriteColumn {
  const column = columnIn(field);
  const byDefault = defaultOf(ofField);
  if (column === null)
    return (out) => {
      if (byDefault === null) return false;
      out.raw(byDefault);
      return true;
    };
  const write = writers[column.type];
  const branches = branchesOf(ofField.type);
  const isUnion = branches.length > 1;
  const nullAt = branches.findIndex(isNull);
  const valueAt = branches.findIndex((branch) => !isNull(branch));
  return (out, value) => {
    const isMissing = value === null || value === undefined;
    if (isMissing && nullAt < 0) return false;
    if (isUnion) out.zigzag(isMissing ? nullAt : valueAt);
    if (!isMissing) write(out, value);
    return true;
  };
}

function isNull({ typeName }: Type): boolean {
  return typeName === "null";
}

type WriteValue = (out: WireWriter, value: unknown) => void;

const writeText: WriteValue = (out, value) => {
  out.text(value as string);
};

const writeWhole: WriteValue = (out, value) => {
  writeInteger(out, value as number | bigint);
};

function listWriter(write: WriteValue): WriteValue {
  return (out, value) => {
    const list = value as readonly unknown[];
    if (list.length > 0) out.zigzag(list.length);
    for (const one of list) write(out, one);
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
