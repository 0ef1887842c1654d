import type protobuf from "protobufjs";
import {
  columnOf,
  type Column,
  type ColumnType,
} from "../../columns/column.ts";
import { isTimestamp, type ParsedFile } from "../parsed.ts";
import { OPTION, propertiesIn, TYPE } from "./option.ts";

/** A column and the field of a message that holds it. */
export interface ColumnField {
  readonly column: Column;
  readonly field: protobuf.Field;
}

/** Whether the messages of a file have columns: then it declares the option that describes them. */
export function hasColumns({ options }: ParsedFile): boolean {
  return options.includes(OPTION);
}

/** The columns of a message. A field of a type that no column has is none. */
export function columnFields(message: protobuf.Type): readonly ColumnField[] {
  return message.fieldsArray.flatMap((field) => {
    const properties = propertiesIn(field.options ?? {});
    const type = typeOf(field, properties[TYPE]);
    if (type === null) return [];
    return [{ field, column: columnOf(field.name, properties, type) }];
  });
}

const plainTypes: ReadonlyMap<string, ColumnType> = new Map([
  ["int64", "long"],
  ["string", "string"],
  ["bool", "boolean"],
]);

const listTypes: ReadonlyMap<string, ColumnType> = new Map([
  ["int64", "longs"],
  ["string", "strings"],
]);

/** Types whose values are texts in a message, as the option names them. */
const textTypes = ["decimal", "date", "local-timestamp"] as const;

function typeOf(
  field: protobuf.Field,
  said: string | undefined,
): ColumnType | null {
  const isOneOfSeveral = (field.partOf?.fieldsArray.length ?? 0) > 1;
  if (field.map || isOneOfSeveral) return null;
  if (field.repeated) return listTypes.get(field.type) ?? null;
  if (isTimestamp(field)) return "timestamp";
  if (field.type === "string")
    return textTypes.find((one) => one === said) ?? "string";
  return plainTypes.get(field.type) ?? null;
}
