import { elements, members, type Span } from "../../json/members.ts";
import { toDecimal, toLong, toText, toTimestamp, UNFIT } from "./scalars.ts";
import type { AvroField, AvroSchema } from "./schemas.ts";

/** A JSON value, parsed, and where its text lies. */
interface Source {
  readonly value: unknown;
  readonly json: Buffer;
  readonly span: Span;
}

/** Makes of a JSON value what avsc writes for one schema; UNFIT when that would not be exact. */
type Reader = (source: Source) => unknown;

type Row = Record<string, unknown>;

const EXTRA = "extra";

/** Turns a record's JSON text into the value of an Avro record; UNFIT when something in it has no place there. */
export type RowReader = (data: Buffer) => Row | typeof UNFIT;

/**
 * A reader for one record schema: this program's own, or one that an operator registered. Members
 * without a field, and values that don't fit theirs exactly, go as JSON text into the field
 * `extra`, a map of strings, where the schema has it.
 */
export function rowReader(schema: AvroSchema): RowReader {
  const read = recordReader(schema, new Map());
  return (data) =>
    read({
      value: JSON.parse(data.toString("utf8")) as unknown,
      json: data,
      span: { start: 0, end: data.length },
    }) as Row | typeof UNFIT;
}

function readerOf(schema: AvroSchema, named: Map<string, Reader>): Reader {
  if (typeof schema === "string") return plainReader(schema, named);
  if (schema instanceof Array) return unionReader(schema, named);
  const { logicalType, precision = 0, scale = 0 } = schema;
  if (logicalType === "timestamp-micros")
    return ({ value }) => toTimestamp(value, "micros");
  if (logicalType === "timestamp-millis")
    return ({ value }) => toTimestamp(value, "millis");
  if (logicalType === "decimal")
    return (source) =>
      toDecimal(source.value, textOf(source), { precision, scale });
  if (schema.type === "record") return recordReader(schema, named);
  if (schema.type === "array")
    return arrayReader(schema.items ?? "null", named);
  if (schema.type === "map" && schema.values === "string") return readTexts;
  return readerOf(schema.type, named);
}

/** Types that are not listed here take no value: it goes to `extra`. */
function plainReader(name: string, named: Map<string, Reader>): Reader {
  switch (name) {
    case "null":
      return ({ value }) => (value === null ? null : UNFIT);
    case "string":
      return ({ value }) => toText(value);
    case "long":
      return longOf;
    case "boolean":
      return ({ value }) => (typeof value === "boolean" ? value : UNFIT);
    default:
      return (source) =>
        named.get(name.split(".").at(-1) ?? "")?.(source) ?? UNFIT;
  }
}

/** A count or id of plain digits, as almost all are, needs no second look at its text. */
function longOf(source: Source): bigint | typeof UNFIT {
  const { value, json, span } = source;
  return Number.isSafeInteger(value) && isDigits(json, span)
    ? BigInt(value as number)
    : toLong(value, textOf(source));
}

function isDigits(json: Buffer, { start, end }: Span): boolean {
  for (let at = start; at < end; at++) {
    const byte = json[at] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

/** A nullable type; nothing else is needed for JSON. */
function unionReader(
  branches: readonly AvroSchema[],
  named: Map<string, Reader>,
): Reader {
  const readers = branches
    .filter((branch) => branch !== "null")
    .map((branch) => readerOf(branch, named));
  const [only] = readers;
  return (source) => {
    if (source.value === null && branches.includes("null")) return null;
    return readers.length === 1 && only !== undefined ? only(source) : UNFIT;
  };
}

function arrayReader(items: AvroSchema, named: Map<string, Reader>): Reader {
  const read = readerOf(items, named);
  return ({ value, json, span }) => {
    if (!Array.isArray(value)) return UNFIT;
    const spans = elements(json, span.start);
    const made = spans.map((one, index) =>
      read({ value: value[index] as unknown, json, span: one }),
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
  const read: Reader = ({ value, json, span }) => {
    if (!isObject(value)) return UNFIT;
    const row = { ...empty };
    const extra = textMap();
    let extras = 0;
    for (const [member, memberSpan] of members(json, span.start)) {
      const source = { value: value[member], json, span: memberSpan };
      const readMember = readers.get(member);
      const made = readMember === undefined ? UNFIT : readMember(source);
      if (made !== UNFIT) row[member] = made;
      else {
        extra[wellFormed(member)] = textOf(source);
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

/** Every member of an object by its name, as JSON text. */
function readTexts({ value, json, span }: Source): unknown {
  if (!isObject(value)) return UNFIT;
  const texts = textMap();
  for (const [name, memberSpan] of members(json, span.start))
    texts[wellFormed(name)] = textOf({ value: null, json, span: memberSpan });
  return texts;
}

/** Without a prototype, so that a member named `__proto__` is one like any other. */
function textMap(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

function hasDefault(field: AvroField): boolean {
  return Object.hasOwn(field, "default");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf({ json, span }: Source): string {
  return json.toString("utf8", span.start, span.end);
}

/** A name with a lone surrogate in it is kept as JSON escapes it. */
export function wellFormed(name: string): string {
  return name.isWellFormed() ? name : JSON.stringify(name).slice(1, -1);
}
