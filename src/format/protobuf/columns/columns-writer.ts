import type protobuf from "protobufjs";
import type { CustomFieldList } from "../../../domain/custom-fields.ts";
import type { ColumnType } from "../../columns/column.ts";
import { rowReader } from "../../columns/row-reader.ts";
import {
  copyingReads,
  writeCopied,
  type CopiedText,
} from "../../columns/values.ts";
import { UNFIT } from "../../scalars/scalars.ts";
import { EXTRA } from "../../schema-files.ts";
import type { Instant } from "../../scalars/time.ts";
import type { RowWriter } from "../../wire/wire-value-writer.ts";
import { tagOf } from "../row-writer.ts";
import {
  DELIMITED,
  VARINT,
  writeInstant,
  writeInteger,
} from "../value-writers.ts";
import type { WireWriter } from "../../wire/wire-writer.ts";
import { protobufCodec } from "./codec.ts";
import { columnFields, type ColumnField } from "./table.ts";

/** Writes the value of a column with its tags. */
type WriteColumn = (out: WireWriter, value: unknown, json: Buffer) => void;

/** Creates the writer for a message of columns, of this program or of an operator. */
export function columnsWriter(
  message: protobuf.Type,
  customFields: CustomFieldList | null,
): RowWriter {
  const fields = columnFields(message);
  const table = { columns: fields.map(({ column }) => column) };
  const read = rowReader(table, copyingReads(protobufCodec), customFields);
  const writers = fields.map(columnWriter);
  const required = message.fieldsArray
    .filter((field) => field.required)
    .map(({ name }) => ({
      name,
      at: table.columns.findIndex((column) => column.name === name),
    }));
  return (out, data) => {
    const values = read(data);
    if (values === UNFIT) return EXTRA;
    const missing = required.find(({ at }) => (values[at] ?? null) === null);
    if (missing !== undefined) return missing.name;
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (value !== null && value !== undefined)
        writers[at]?.(out, value, data);
    }
    return null;
  };
}

function columnWriter({ column, field }: ColumnField): WriteColumn {
  const write = writersByType[column.type];
  const tag = tagOf(field, wireTypes.get(column.type) ?? DELIMITED);
  if (column.type === "strings")
    return (out, value, json) => {
      for (const one of value as readonly unknown[]) {
        out.varint(tag);
        write(out, one, json);
      }
    };
  if (column.type === "longs" && !field.packed) {
    const each = tagOf(field, VARINT);
    return (out, value) => {
      for (const one of value as readonly unknown[]) {
        out.varint(each);
        writeInteger(out, one as number | bigint);
      }
    };
  }
  return (out, value, json) => {
    out.varint(tag);
    write(out, value, json);
  };
}

const writeText: WriteColumn = (out, value, json) => {
  writeCopied(out, value as CopiedText, json);
};

const wireTypes: ReadonlyMap<ColumnType, typeof VARINT> = new Map([
  ["long", VARINT],
  ["boolean", VARINT],
]);

/** The writers of values without their tags; of one element of a list of texts. */
const writersByType: Readonly<Record<ColumnType, WriteColumn>> = {
  long: (out, value) => {
    writeInteger(out, value as number | bigint);
  },
  string: writeText,
  boolean: (out, value) => {
    out.varint(value === true ? 1 : 0);
  },
  decimal: writeText,
  timestamp: (out, value) => {
    writeInstant(out, value as Instant);
  },
  "local-timestamp": writeText,
  date: writeText,
  longs: (out, value) => {
    const start = out.open();
    for (const one of value as readonly (number | bigint)[])
      writeInteger(out, one);
    out.close(start);
  },
  strings: writeText,
  json: writeText,
};
