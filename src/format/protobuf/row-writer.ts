import type protobuf from "protobufjs";
import { elements, members, type Span } from "../../json/members.ts";
import { isArrayAt, isNullAt, isObjectAt, wholeOf } from "../../json/values.ts";
import { EXTRA } from "../schema-files.ts";
import { wellFormed } from "../scalars/scalars.ts";
import {
  writeBoolean,
  writeText,
  type WriteValue,
} from "../wire/plain-writers.ts";
import { isTexts, isTimestamp, messageOf, type ParsedFile } from "./parsed.ts";
import {
  DELIMITED,
  integerWriter,
  VARINT,
  writeAmount,
  writeTimestamp,
  type WireType,
} from "./value-writers.ts";
import type { RowWriter } from "../wire/wire-value-writer.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/**
 * Creates the writer for a message of this program or of an operator. Members without a field, and
 * values that their field can't hold exactly, go as JSON text into the field `extra`, a
 * `map<string, string>`, where the message has one.
 */
export function rowWriter(type: protobuf.Type, file: ParsedFile): RowWriter {
  const write = fieldsWriter(type, file, new Map());
  return (out, data) => write(out, data, wholeOf(data));
}

type WriteFields = (out: WireWriter, json: Buffer, span: Span) => string | null;

/** By the names of messages; a message may hold itself. */
type Known = Map<string, WriteFields>;

function fieldsWriter(
  type: protobuf.Type,
  file: ParsedFile,
  known: Known,
): WriteFields {
  const writers = new Map<string, WriteValue>();
  const extra = type.fields[EXTRA];
  const keep =
    extra !== undefined && isTexts(extra) ? entryWriter(extra) : null;
  const required = type.fieldsArray.flatMap(({ name, required: isRequired }) =>
    isRequired ? [name] : [],
  );
  const write: WriteFields = (out, json, span) => {
    const start = out.end;
    const found = members(json, span.start);
    for (const [member, place] of found) {
      if (writers.get(member)?.(out, json, place) === true) continue;
      if (keep === null) {
        out.rewind(start);
        return member;
      }
      keep(out, member, json, place);
    }
    const missing = required.find((name) => {
      const place = found.get(name);
      return place === undefined || isNullAt(json, place);
    });
    if (missing === undefined) return null;
    out.rewind(start);
    return missing;
  };
  known.set(type.fullName, write);
  for (const field of type.fieldsArray)
    if (field !== extra)
      writers.set(field.name, fieldWriter(field, file, known));
  return write;
}

/** Creates the writer for a field with its tags. A field of an unknown type takes no value but null. */
function fieldWriter(
  field: protobuf.Field,
  file: ParsedFile,
  known: Known,
): WriteValue {
  if (isTexts(field)) return textsWriter(field);
  const isOneOfSeveral = (field.partOf?.fieldsArray.length ?? 0) > 1;
  const element =
    field.map || isOneOfSeveral ? null : elementWriter(field, file, known);
  if (field.repeated)
    return element === null ? () => false : listWriter(field, element);
  if (element === null) return (_, json, span) => isNullAt(json, span);
  const tag = tagOf(field, element.wireType);
  return (out, json, span) => {
    if (isNullAt(json, span)) return true;
    const start = out.end;
    out.varint(tag);
    if (element.write(out, json, span)) return true;
    out.rewind(start);
    return false;
  };
}

interface ElementWriter {
  readonly wireType: WireType;
  readonly write: WriteValue;
}

const integers: ReadonlyMap<string, WriteValue> = new Map([
  ["int64", integerWriter(-(2n ** 63n), 2n ** 63n - 1n)],
  ["int32", integerWriter(-(2n ** 31n), 2n ** 31n - 1n)],
  ["uint64", integerWriter(0n, 2n ** 64n - 1n)],
  ["uint32", integerWriter(0n, 2n ** 32n - 1n)],
]);

/** The writer for one value of a field; null for a type that takes none. */
function elementWriter(
  field: protobuf.Field,
  file: ParsedFile,
  known: Known,
): ElementWriter | null {
  if (isTimestamp(field)) return { wireType: DELIMITED, write: writeTimestamp };
  const message = messageOf(field);
  if (message !== null) return nestedWriter(message, file, known);
  if (field.type === "string")
    return {
      wireType: DELIMITED,
      write: file.isAmount(field) ? writeAmount : writeText,
    };
  const write = field.type === "bool" ? writeBoolean : integers.get(field.type);
  return write === undefined ? null : { wireType: VARINT, write };
}

function nestedWriter(
  message: protobuf.Type,
  file: ParsedFile,
  known: Known,
): ElementWriter {
  const fields =
    known.get(message.fullName) ?? fieldsWriter(message, file, known);
  return {
    wireType: DELIMITED,
    write(out, json, span) {
      if (!isObjectAt(json, span)) return false;
      const before = out.end;
      const start = out.open();
      if (fields(out, json, span) !== null) {
        out.rewind(before);
        return false;
      }
      out.close(start);
      return true;
    },
  };
}

/** All elements are written, or none. An empty list takes no bytes, as readers take a missing one for it. */
function listWriter(
  field: protobuf.Field,
  { wireType, write }: ElementWriter,
): WriteValue {
  const isPacked = wireType === VARINT && field.packed;
  const tag = tagOf(field, isPacked ? DELIMITED : wireType);
  return (out, json, span) => {
    if (!isArrayAt(json, span)) return false;
    const places = elements(json, span.start);
    if (places.length === 0) return true;
    const before = out.end;
    if (isPacked) out.varint(tag);
    const start = isPacked ? out.open() : before;
    for (const place of places) {
      if (!isPacked) out.varint(tag);
      if (write(out, json, place)) continue;
      out.rewind(before);
      return false;
    }
    if (isPacked) out.close(start);
    return true;
  };
}

/** Writes an object as a map from its names to JSON texts. */
function textsWriter(field: protobuf.Field): WriteValue {
  const write = entryWriter(field);
  return (out, json, span) => {
    if (!isObjectAt(json, span)) return false;
    for (const [name, place] of members(json, span.start))
      write(out, name, json, place);
    return true;
  };
}

/** The tags of the key and the value of a map's entry. */
const KEY = 0x0a;
const VALUE = 0x12;

function entryWriter(field: protobuf.Field) {
  const tag = tagOf(field, DELIMITED);
  return (out: WireWriter, name: string, json: Buffer, place: Span) => {
    out.varint(tag);
    const start = out.open();
    out.varint(KEY);
    out.text(wellFormed(name));
    out.varint(VALUE);
    out.bytes(json, place.start, place.end);
    out.close(start);
  };
}

/** The bytes before a value on the wire. */
export function tagOf(field: protobuf.Field, wireType: WireType): number {
  return field.id * 8 + wireType;
}
