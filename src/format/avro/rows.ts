import { elements, members, type Span } from "../../json/members.ts";
import {
  isArrayAt,
  isNullAt,
  isObjectAt,
  textAt,
  wholeOf,
} from "../../json/values.ts";
import { toDecimal } from "../scalars/decimal.ts";
import {
  toBoolean,
  toLong,
  toText,
  UNFIT,
  wellFormed,
} from "../scalars/scalars.ts";
import { toTimestamp } from "../scalars/time.ts";
import { EXTRA } from "../schema-files.ts";
import type { AvroField, AvroSchema } from "./schemas.ts";

/** Converts the JSON value at a span to the value that avsc writes for one schema; UNFIT when that would not be exact. */
type Reader = (json: Buffer, span: Span) => unknown;

type Row = Record<string, unknown>;

/** Converts a record's JSON text to the value of an Avro record; UNFIT when the record can't hold a part of it. */
export type RowReader = (data: Buffer) => Row | typeof UNFIT;

/**
 * Creates the reader for a record schema of this program or of an operator. Members without a
 * field, and values that their field can't hold exactly, go as JSON text into the field `extra`, a
 * map of strings, where the schema has one.
 */
export function rowReader(schema: AvroSchema): RowReader {
  const read = recordReader(schema, new Map());
  return (data) => read(data, wholeOf(data)) as Row | typeof UNFIT;
}

function readerOf(schema: AvroSchema, named: Map<string, Reader>): Reader {
  if (typeof schema === "string") return plainReader(schema, named);
  if (schema instanceof Array) return unionReader(schema, named);
  const { logicalType, precision = 0, scale = 0 } = schema;
  if (logicalType === "timestamp-micros")
    return (json, span) => toTimestamp(json, span, "micros");
  if (logicalType === "timestamp-millis")
    return (json, span) => toTimestamp(json, span, "millis");
  if (logicalType === "decimal")
    return (json, span) => toDecimal(json, span, { precision, scale });
  if (schema.type === "record") return recordReader(schema, named);
  if (schema.type === "array")
    return arrayReader(schema.items ?? "null", named);
  if (schema.type === "map" && schema.values === "string") return readTexts;
  return readerOf(schema.type, named);
}

/** A field of a type that is not listed here takes no value: the value goes to `extra`. */
function plainReader(name: string, named: Map<string, Reader>): Reader {
  switch (name) {
    case "null":
      return (json, span) => (isNullAt(json, span) ? null : UNFIT);
    case "string":
      return toText;
    case "long":
      return toLong;
    case "boolean":
      return toBoolean;
    default:
      return (json, span) =>
        named.get(name.split(".").at(-1) ?? "")?.(json, span) ?? UNFIT;
  }
}

/** A nullable type. Unions of several other types take no value but null. */
function unionReader(
  branches: readonly AvroSchema[],
  named: Map<string, Reader>,
): Reader {
  const readers = branches
    .filter((branch) => branch !== "null")
    .map((branch) => readerOf(branch, named));
  const [only] = readers;
  const isNullable = branches.includes("null");
  return (json, span) => {
    if (isNullable && isNullAt(json, span)) return null;
    return readers.length === 1 && only !== undefined
      ? only(json, span)
      : UNFIT;
  };
}

function arrayReader(items: AvroSchema, named: Map<string, Reader>): Reader {
  const read = readerOf(items, named);
  return (json, span) => {
    if (!isArrayAt(json, span)) return UNFIT;
    const made = elements(json, span.start).map((element) =>
      read(json, element),
    );
    return made.includes(UNFIT) ? UNFIT : made;
  };
}

function recordReader(schema: AvroSchema, named: Map<string, Reader>): Reader {
  const { name = "", fields = [] } = schema as {
    name?: string;
    fields?: readonly AvroField[];
  };
  const readers = new Map<string, Reader>();
  const hasExtra = fields.some((field) => field.name === EXTRA);
  const required = fields
    .filter((field) => field.name !== EXTRA && !hasDefault(field))
    .map((field) => field.name);
  const empty: Row = Object.fromEntries(
    fields.map((field) => [field.name, undefined]),
  );
  const read: Reader = (json, span) => {
    if (!isObjectAt(json, span)) return UNFIT;
    const row = { ...empty };
    const extra = textMap();
    let extras = 0;
    for (const [member, place] of members(json, span.start)) {
      const readMember = readers.get(member);
      const made = readMember === undefined ? UNFIT : readMember(json, place);
      if (made !== UNFIT) row[member] = made;
      else {
        extra[wellFormed(member)] = textAt(json, place);
        extras++;
      }
    }
    if (hasExtra) row[EXTRA] = extra;
    else if (extras > 0) return UNFIT;
    return required.some((field) => row[field] === undefined) ? UNFIT : row;
  };
  named.set(name.split(".").at(-1) ?? "", read);
  for (const field of fields)
    if (field.name !== EXTRA)
      readers.set(field.name, readerOf(field.type, named));
  return read;
}

/** Converts an object to a map from member names to JSON texts. */
function readTexts(json: Buffer, span: Span): unknown {
  if (!isObjectAt(json, span)) return UNFIT;
  const texts = textMap();
  for (const [name, member] of members(json, span.start))
    texts[wellFormed(name)] = textAt(json, member);
  return texts;
}

/** Creates a map without a prototype, so that `__proto__` is a name like any other. */
function textMap(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

function hasDefault(field: AvroField): boolean {
  return Object.hasOwn(field, "default");
}
