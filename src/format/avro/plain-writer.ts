import avro, { type Type } from "avsc";
import { isObject } from "../../json/parsed.ts";
import { fitsLong } from "../scalars/scalars.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { branchesOf, fieldsOfType, nullIn } from "./type-parts.ts";
import { writeInteger } from "./value-writers.ts";

/** Writes a value. Returns false, with anything in `out`, for a value that is left to avsc. */
type WritePlain = (out: WireWriter, value: unknown) => boolean;

const leave: WritePlain = () => false;

/**
 * Creates what writes texts, integers of at most 64 bits, null, and a record of them, without the
 * bigints and copies that avsc needs. It leaves all other types to avsc.
 */
export function plainWriter(type: Type, ofRecord = recordWriter): WritePlain {
  if (type instanceof avro.types.StringType) return writeText;
  if (type instanceof avro.types.LongType) return writeLong;
  if (type instanceof avro.types.RecordType) return ofRecord(type);
  return type instanceof avro.types.UnwrappedUnionType
    ? nullableWriter(type, ofRecord)
    : leave;
}

const writeText: WritePlain = (out, value) => {
  if (typeof value !== "string") return false;
  out.text(value);
  return true;
};

const writeLong: WritePlain = (out, value) => {
  const isLong =
    typeof value === "bigint" ? fitsLong(value) : Number.isSafeInteger(value);
  if (isLong) writeInteger(out, value as number | bigint);
  return isLong;
};

/** A record within is left to avsc, since it may hold records of its own type. */
function recordWriter(type: Type): WritePlain {
  const fields = fieldsOfType(type).map((field) => ({
    name: field.name,
    write: plainWriter(field.type, () => leave),
  }));
  return (out, value) =>
    isObject(value) &&
    fields.every(({ name, write }) => write(out, value[name]));
}

function nullableWriter(
  type: Type,
  ofRecord: (type: Type) => WritePlain,
): WritePlain {
  const branches = branchesOf(type);
  const nullAt = nullIn(branches);
  const another = 1 - nullAt;
  const branch = branches[another];
  if (nullAt < 0 || branch === undefined || branches.length > 2) return leave;
  const write = plainWriter(branch, ofRecord);
  return (out, value) => {
    out.zigzag(value === null ? nullAt : another);
    return value === null || write(out, value);
  };
}
