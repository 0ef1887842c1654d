import type protobuf from "protobufjs";
import type { CustomFields } from "../../../domain/custom-fields.ts";
import type { ColumnType } from "../../columns/column.ts";
import { tableMeaning } from "../../columns/record-text.ts";
import type { Row } from "../../columns/table.ts";
import type { ParsedFile } from "../parsed.ts";
import type { RowMeaning } from "../row-meaning.ts";
import { readInstant, readLong } from "../scalar-meanings.ts";
import { typeOfPackage } from "../schemas.ts";
import { DELIMITED } from "../value-writers.ts";
import { protobufCodec } from "./codec.ts";
import { columnFields, type ColumnField } from "./table.ts";

/** The meaning of the records in a message of columns. */
export function columnsMeaning(
  message: protobuf.Type,
  { packageName }: ParsedFile,
  customFields: CustomFields | null,
): RowMeaning {
  const fields = columnFields(message);
  const table = { columns: fields.map(({ column }) => column) };
  const type = typeOfPackage(packageName);
  const known = type === null ? null : (customFields?.of(type) ?? null);
  const meaning = tableMeaning(table, protobufCodec, known);
  const read = rowIn(fields);
  return {
    ofJson: (data) => meaning.ofJson(data),
    ofWire: (reader, end) => meaning.ofRow(read(reader, end)),
  };
}

/** Creates what reads the fields of a message up to an offset. */
export function rowIn(
  fields: readonly ColumnField[],
): (reader: protobuf.Reader, end: number) => Row {
  const byNumber = new Map(fields.map((one) => [one.field.id, one.column]));
  return (reader, end) => {
    const row: Record<string, unknown> = {};
    while (reader.pos < end) {
      const tag = reader.uint32();
      const column = byNumber.get(tag >>> 3);
      if (column === undefined) reader.skipType(tag & 7);
      else if (column.type === "longs" || column.type === "strings") {
        const list = (row[column.name] ??= []) as unknown[];
        list.push(...elementsIn(reader, column.type, tag & 7));
      } else row[column.name] = readers[column.type](reader);
    }
    return row;
  };
}

/** Reads one element of a list; integers may stand together behind one tag. */
function elementsIn(
  reader: protobuf.Reader,
  type: "longs" | "strings",
  wireType: number,
): readonly unknown[] {
  if (type === "strings") return [reader.string()];
  if (wireType !== DELIMITED) return [readLong(reader)];
  const end = reader.uint32() + reader.pos;
  const list: bigint[] = [];
  while (reader.pos < end) list.push(readLong(reader));
  return list;
}

type ReadScalar = (reader: protobuf.Reader) => unknown;

const readText: ReadScalar = (reader) => reader.string();

const readers: Readonly<
  Record<Exclude<ColumnType, "longs" | "strings">, ReadScalar>
> = {
  long: readLong,
  string: readText,
  boolean: (reader) => reader.bool(),
  decimal: readText,
  timestamp: readInstant,
  "local-timestamp": readText,
  date: readText,
  json: readText,
};
