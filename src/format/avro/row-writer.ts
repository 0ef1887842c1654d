import type { Type } from "avsc";
import { MemberPlaces } from "../../json/member-places.ts";
import { elements, type Span } from "../../json/members.ts";
import { isArrayAt, isNullAt, isObjectAt, wholeOf } from "../../json/values.ts";
import { EXTRA } from "../schema-files.ts";
import {
  writeBoolean,
  writeNothing,
  writeText,
  type WriteValue,
} from "../wire/plain-writers.ts";
import type { RowWriter } from "../wire/wire-value-writer.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { CompiledSchema } from "./compiled-schema.ts";
import type { AvroField, AvroSchema } from "./schemas.ts";
import { branchesOf, defaultOf, fieldsOfType, itemsOf } from "./type-parts.ts";
import {
  decimalWriter,
  NO_MORE,
  timestampWriter,
  writeLong,
  writeMap,
  writeTexts,
} from "./value-writers.ts";

/**
 * Creates the writer for a record schema of this program or of an operator, and the type that avsc
 * made of it. Members without a field, and values that their field can't hold exactly, go as JSON
 * text into the field `extra`, a map of strings, where the schema has one.
 */
export function rowWriter({ schema, type }: CompiledSchema): RowWriter {
  const write = fieldsWriter(schema as RecordSchema, type, new Map());
  return (out, data) => write(out, data, wholeOf(data));
}

interface RecordSchema {
  readonly name?: string;
  readonly fields?: readonly AvroField[];
}

type WriteFields = (out: WireWriter, json: Buffer, span: Span) => string | null;

/** By the names of records; a record may hold itself. */
type Known = Map<string, WriteValue>;

function writerOf(schema: AvroSchema, type: Type, known: Known): WriteValue {
  if (typeof schema === "string") return plainWriter(schema, known);
  if (schema instanceof Array) return unionWriter(schema, type, known);
  const { logicalType, precision = 0, scale = 0 } = schema;
  if (schema.type === "long" && logicalType === "timestamp-micros")
    return timestampWriter("micros");
  if (schema.type === "long" && logicalType === "timestamp-millis")
    return timestampWriter("millis");
  if (schema.type === "bytes" && logicalType === "decimal")
    return decimalWriter({ precision, scale });
  if (schema.type === "record")
    return asValue(fieldsWriter(schema, type, known));
  if (schema.type === "array")
    return arrayWriter(schema.items ?? "null", type, known);
  if (holdsTexts(schema)) return writeMap;
  return writerOf(schema.type, type, known);
}

function holdsTexts(schema: AvroSchema): boolean {
  return (
    typeof schema === "object" &&
    "type" in schema &&
    schema.type === "map" &&
    schema.values === "string"
  );
}

/** A field of a type that is not listed here takes no value: the value goes to `extra`. */
function plainWriter(name: string, known: Known): WriteValue {
  switch (name) {
    case "null":
      return (_, json, span) => isNullAt(json, span);
    case "string":
      return writeText;
    case "long":
      return writeLong;
    case "boolean":
      return writeBoolean;
    default:
      return known.get(baseName(name)) ?? writeNothing;
  }
}

/** A nullable type. Unions of several other types take no value but null. */
function unionWriter(
  branches: readonly AvroSchema[],
  type: Type,
  known: Known,
): WriteValue {
  const nullAt = branches.indexOf("null");
  const valueAt = branches.findIndex((branch) => branch !== "null");
  const [branch, another] = branches.filter((one) => one !== "null");
  const ofValue = branchesOf(type)[valueAt];
  const write =
    branch === undefined || another !== undefined || ofValue === undefined
      ? writeNothing
      : writerOf(branch, ofValue, known);
  return (out, json, span) => {
    if (nullAt >= 0 && isNullAt(json, span)) {
      out.zigzag(nullAt);
      return true;
    }
    const before = out.end;
    out.zigzag(valueAt);
    if (write(out, json, span)) return true;
    out.rewind(before);
    return false;
  };
}

/** All elements are written, or none. */
function arrayWriter(items: AvroSchema, type: Type, known: Known): WriteValue {
  const write = writerOf(items, itemsOf(type), known);
  return (out, json, span) => {
    if (!isArrayAt(json, span)) return false;
    const before = out.end;
    const places = elements(json, span.start);
    if (places.length > 0) out.zigzag(places.length);
    for (const place of places) {
      if (write(out, json, place)) continue;
      out.rewind(before);
      return false;
    }
    out.zigzag(NO_MORE);
    return true;
  };
}

/** A field in the order of the schema. */
interface FieldWriter {
  readonly name: string;
  readonly write: WriteValue;
  /** Written where the record has no value that fits; null when it must have one. */
  readonly byDefault: Buffer | null;
}

function fieldsWriter(
  schema: RecordSchema,
  type: Type,
  known: Known,
): WriteFields {
  const { name = "", fields = [] } = schema;
  const ofFields = fieldsOfType(type);
  const extra = fields.find((field) => field.name === EXTRA);
  const keep = extra === undefined ? null : keptWriter(extra.type);
  const writers: FieldWriter[] = [];
  const indexes = new Map<string, number>();
  const spare: MemberPlaces[] = [];

  const writeFields = (
    out: WireWriter,
    json: Buffer,
    places: MemberPlaces,
  ): string | null => {
    const { others } = places;
    let extraAt = out.end;
    for (let index = 0; index < writers.length; index++) {
      const { name: field, write, byDefault } = writers[index] as FieldWriter;
      if (keep !== null && field === EXTRA) {
        extraAt = out.end;
        continue;
      }
      const place = places.of(index);
      if (place !== null) {
        if (write(out, json, place)) continue;
        others.set(field, place);
      }
      if (byDefault === null) return field;
      out.raw(byDefault);
    }
    if (keep === null) return firstOf(others);
    const end = out.end;
    keep(out, json, others);
    if (extraAt < end) out.moveBack(end, extraAt);
    return null;
  };

  const write: WriteFields = (out, json, span) => {
    if (!isObjectAt(json, span)) return name;
    const before = out.end;
    // A record that holds its own kind needs further places.
    const places = spare.pop() ?? new MemberPlaces(indexes, writers.length);
    places.find(json, span.start);
    const misfit = writeFields(out, json, places);
    spare.push(places);
    if (misfit !== null) out.rewind(before);
    return misfit;
  };
  known.set(baseName(name), asValue(write));
  for (const [index, field] of fields.entries()) {
    const ofField = ofFields[index];
    if (ofField === undefined) continue;
    writers.push({
      name: field.name,
      write:
        field === extra
          ? writeNothing
          : writerOf(field.type, ofField.type, known),
      byDefault: defaultOf(ofField),
    });
    if (field !== extra) indexes.set(field.name, index);
  }
  return write;
}

function asValue(write: WriteFields): WriteValue {
  return (out, json, span) => write(out, json, span) === null;
}

function firstOf(others: ReadonlyMap<string, Span>): string | null {
  const [first = null] = others.keys();
  return first;
}

type WriteTexts = (
  out: WireWriter,
  json: Buffer,
  places: ReadonlyMap<string, Span>,
) => void;

/** Creates the writer for the field `extra`; null when it holds no map of strings. */
function keptWriter(schema: AvroSchema): WriteTexts | null {
  if (!(schema instanceof Array)) return holdsTexts(schema) ? writeTexts : null;
  const at = schema.findIndex(holdsTexts);
  return at < 0
    ? null
    : (out, json, places) => {
        out.zigzag(at);
        writeTexts(out, json, places);
      };
}

function baseName(name: string): string {
  return name.split(".").at(-1) ?? "";
}
