import type protobuf from "protobufjs";
import { isGeneric } from "./generic.ts";
import type { ChangeWriter, RowWriter } from "../wire/wire-value-writer.ts";
import { tagOf } from "./row-writer.ts";
import { DELIMITED } from "./value-writers.ts";

/** Creates the writer for a change's record alone. `createWriter` makes the writer of a message that has fields for its members. */
export function recordWriter(
  type: protobuf.Type,
  createWriter: (type: protobuf.Type) => RowWriter,
): ChangeWriter {
  if (isGeneric(type)) return genericWriter(type);
  const write = createWriter(type);
  return (out, { data }) => write(out, data);
}

function genericWriter(type: protobuf.Type): ChangeWriter {
  const [idTag, dataTag] = type.fieldsArray.map((field) =>
    tagOf(field, DELIMITED),
  ) as [number, number];
  return (out, { recordKey, data }) => {
    if (!recordKey.isWellFormed()) return "id";
    out.varint(idTag);
    out.text(recordKey);
    out.varint(dataTag);
    out.bytes(data, 0, data.length);
    return null;
  };
}
