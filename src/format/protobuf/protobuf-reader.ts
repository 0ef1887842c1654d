import protobuf from "protobufjs";
import type { CustomFields } from "../../domain/custom-fields.ts";
import { canonicalJson } from "../../json/canonical.ts";
import type { ValueReader } from "../value-format.ts";
import { columnsMeaning } from "./columns/columns-meaning.ts";
import { hasColumns } from "./columns/table.ts";
import { isGeneric } from "./generic.ts";
import {
  firstMessage,
  parsedFile,
  rowWithin,
  type ParsedFile,
} from "./parsed.ts";
import { rowMeaning, type RowMeaning } from "./row-meaning.ts";

/** Reads the values of the first message of a .proto text. Throws when the text is none. */
export function protobufReader(
  schemaText: string,
  customFields: CustomFields | null,
): ValueReader {
  const file = parsedFile(schemaText);
  const message = firstMessage(file);
  const { after } = message.fields;
  const state = rowWithin(message);
  const row = meaningOf(state ?? message, file, customFields);
  return {
    read(body) {
      const reader = protobuf.Reader.create(body);
      if (reader.sint32() !== 0)
        throw new RangeError("it is not the first message of its schema");
      if (after === undefined || state === null)
        return row.ofWire(reader, reader.len);
      let text: string | null = null;
      while (reader.pos < reader.len) {
        const tag = reader.uint32();
        if (tag >>> 3 === after.id)
          text = row.ofWire(reader, reader.uint32() + reader.pos);
        else reader.skipType(tag & 7);
      }
      return text;
    },
    canonical: (data) => row.ofJson(data),
  };
}

function meaningOf(
  type: protobuf.Type,
  file: ParsedFile,
  customFields: CustomFields | null,
): RowMeaning {
  if (isGeneric(type)) return genericMeaning(type);
  return hasColumns(file)
    ? columnsMeaning(type, file, customFields)
    : rowMeaning(type, file);
}

/** For records that are held as their JSON text. */
function genericMeaning(type: protobuf.Type): RowMeaning {
  const number = type.fields["data"]?.id;
  return {
    ofJson: (data) => canonicalJson(data),
    ofWire(reader, end) {
      let text = Buffer.alloc(0);
      while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag >>> 3 === number) text = Buffer.from(reader.bytes());
        else reader.skipType(tag & 7);
      }
      return canonicalJson(text);
    },
  };
}
