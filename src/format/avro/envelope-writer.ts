import type { types, Type } from "avsc";
import type { Change } from "../../domain/change.ts";
import type { Origin } from "../encoder.ts";
import { fitsLong } from "../scalars/scalars.ts";
import { sourceOf } from "../source.ts";
import type { ChangeWriter } from "../wire/wire-value-writer.ts";
import { writeWith } from "./change-writer.ts";
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
  const valueOf = values.get(name) ?? (() => field.defaultValue() as unknown);
  return (out, change) => writeWith(type, out, valueOf(change, origin), [name]);
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

/** The values of an envelope's fields beside the record, as avsc writes them. */
const values = new Map<string, (change: Change, origin: Origin) => unknown>([
  ["source", sourceValue],
  ["op", ({ op }) => op],
  ["ts_ms", ({ takenAtMs }) => BigInt(takenAtMs)],
]);

function sourceValue(change: Change, origin: Origin): object {
  const source = sourceOf(change, origin);
  const { revision, ts_ms: timeMs } = source;
  const long = revision === null ? null : BigInt(revision);
  return {
    ...source,
    revision: long === null || fitsLong(long) ? long : null,
    ts_ms: timeMs === null ? null : BigInt(timeMs),
  };
}
