import avro, { type types, type Type } from "avsc";
import type { Change } from "../../domain/change.ts";
import { isObject } from "../../json/parsed.ts";
import type { Origin } from "../encoder.ts";
import { fitsLong } from "../scalars/scalars.ts";
import { sourceOf, type SourceBlock } from "../source.ts";
import type { ChangeWriter } from "../wire/wire-value-writer.ts";
import { writeWith } from "./change-writer.ts";
import { plainWriter } from "./plain-writer.ts";
import { branchesOf, fieldsOfType, isUnion, nullIn } from "./type-parts.ts";

/** Creates the writer for an envelope of this program or of an operator, around what `writeRow` writes. */
export function envelopeWriter(
  type: Type,
  origin: Origin,
  writeRow: ChangeWriter,
): ChangeWriter {
  const parts = fieldsOfType(type).map((field) =>
    partWriter(field, origin, writeRow),
  );
  return (out, change) => {
    for (const write of parts) {
      const misfit = write(out, change);
      if (misfit !== null) return misfit;
    }
    return null;
  };
}

function partWriter(
  field: types.Field,
  origin: Origin,
  writeRow: ChangeWriter,
): ChangeWriter {
  const { name, type } = field;
  if (name === "before")
    return stateWriter(field, writeRow, ({ op }) => op === "d");
  if (name === "after")
    return stateWriter(field, writeRow, ({ op }) => op !== "d");
  const valueOf = values.get(name);
  if (valueOf === undefined)
    return (out) => writeWith(type, out, field.defaultValue(), [name]);
  const write = plainWriter(type);
  return (out, change) => {
    const value = valueOf(change, origin);
    const before = out.end;
    if (write(out, value)) return null;
    out.rewind(before);
    return writeWith(type, out, forAvsc(type, value), [name]);
  };
}

/** Writes the record into the field when the change has it there, and otherwise null. */
function stateWriter(
  { name, type }: types.Field,
  writeRow: ChangeWriter,
  isThere: (change: Change) => boolean,
): ChangeWriter {
  const branches = branchesOf(type);
  const nullAt = nullIn(branches);
  const rowAt = branches.findIndex(({ typeName }) => typeName === "record");
  const hasIndex = isUnion(type);
  return (out, change) => {
    const isRow = isThere(change);
    const branch = isRow ? rowAt : nullAt;
    if (branch < 0) return name;
    if (hasIndex) out.zigzag(branch);
    const misfit = isRow ? writeRow(out, change) : null;
    return misfit === null ? null : `${name}.${misfit}`;
  };
}

/** The value with its whole numbers as avsc takes them: a long is a bigint. */
function forAvsc(type: Type, value: unknown): unknown {
  const branches = branchesOf(type);
  const isLong = branches.some((one) => one instanceof avro.types.LongType);
  if (typeof value === "number") return isLong ? BigInt(value) : value;
  const record = branches.find((one) => one instanceof avro.types.RecordType);
  if (!isObject(value) || record === undefined) return value;
  return Object.fromEntries(
    fieldsOfType(record).map((field) => [
      field.name,
      forAvsc(field.type, value[field.name]),
    ]),
  );
}

/** The values of an envelope's fields beside the record. */
const values = new Map<string, (change: Change, origin: Origin) => unknown>([
  ["source", sourceValue],
  ["op", ({ op }) => op],
  ["ts_ms", ({ takenAtMs }) => takenAtMs],
]);

function sourceValue(change: Change, origin: Origin): SourceBlock {
  const source = sourceOf(change, origin);
  const { revision } = source;
  return typeof revision === "bigint" && !fitsLong(revision)
    ? { ...source, revision: null }
    : source;
}
