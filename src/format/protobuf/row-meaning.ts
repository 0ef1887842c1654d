import type protobuf from "protobufjs";
import { canonicalJson, canonicalObject } from "../../json/canonical.ts";
import { elements, members, type Span } from "../../json/members.ts";
import { isArrayAt, isNullAt, isObjectAt, wholeOf } from "../../json/values.ts";
import { wellFormed } from "../scalars/scalars.ts";
import { EXTRA } from "../schema-files.ts";
import { isTexts, isTimestamp, messageOf, type ParsedFile } from "./parsed.ts";
import { scalarMeaning, type Meaning } from "./scalar-meanings.ts";
import { DELIMITED } from "./value-writers.ts";

interface FieldMeaning {
  ofJson(json: Buffer, span: Span): string;
  /** Reads what follows a tag: one value, or several of a list. */
  read(reader: protobuf.Reader, wireType: number): readonly string[];
  /** The text for all that was read of the field. */
  whole(texts: readonly string[]): string;
  /** Texts that readers can't tell from a missing field. */
  readonly absent: readonly string[];
}

/** The canonical texts of whole records of one message. */
export interface RowMeaning {
  ofJson(data: Buffer): string;
  /** Reads the fields of the message up to an offset. */
  ofWire(reader: protobuf.Reader, end: number): string;
}

/** By the names of messages; a message may hold itself. */
type Known = Map<string, Meaning>;

/**
 * Records are compared field by field, by what the field's type keeps; the members in `extra` count
 * as fields, everything else is compared as JSON. A member that equals what readers take for a
 * missing field, such as null or an empty list, counts as missing.
 */
export function rowMeaning(type: protobuf.Type, file: ParsedFile): RowMeaning {
  const meaning = messageMeaning(type, file, new Map());
  return {
    ofJson: (data) => meaning.ofJson(data, wholeOf(data)),
    ofWire: meaning.fieldsUpTo,
  };
}

function messageMeaning(type: protobuf.Type, file: ParsedFile, known: Known) {
  const byName = new Map<string, FieldMeaning>();
  const byNumber = new Map<number, FieldMeaning & { readonly name: string }>();
  const extra = type.fields[EXTRA];
  const isKept = (name: string, text: string) =>
    byName.get(name)?.absent.includes(text) !== true;
  const memberOf = (name: string, json: Buffer, span: Span) => {
    const text =
      byName.get(name)?.ofJson(json, span) ?? canonicalJson(json, span);
    return isKept(name, text) ? [[name, text] as const] : [];
  };

  const fieldsUpTo = (reader: protobuf.Reader, end: number) => {
    const found = new Map<string, string[]>();
    const entries: (readonly [string, string])[] = [];
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = byNumber.get(tag >>> 3);
      if (field !== undefined) {
        const texts = found.get(field.name) ?? [];
        texts.push(...field.read(reader, tag & 7));
        found.set(field.name, texts);
      } else if (tag >>> 3 === extra?.id) {
        const [name, text] = readEntry(reader);
        const json = Buffer.from(text);
        entries.push(...memberOf(name, json, wholeOf(json)));
      } else reader.skipType(tag & 7);
    }
    for (const [name, texts] of found) {
      const text = byName.get(name)?.whole(texts) ?? "";
      if (isKept(name, text)) entries.push([name, text]);
    }
    return canonicalObject(entries);
  };
  const meaning = {
    ofJson(json: Buffer, span: Span) {
      if (!isObjectAt(json, span)) return canonicalJson(json, span);
      return canonicalObject(
        [...members(json, span.start)].flatMap(([name, place]) =>
          memberOf(wellFormed(name), json, place),
        ),
      );
    },
    ofWire: (reader: protobuf.Reader) =>
      fieldsUpTo(reader, reader.uint32() + reader.pos),
    fieldsUpTo,
  };
  known.set(type.fullName, meaning);
  for (const field of type.fieldsArray) {
    if (field === extra) continue;
    const own = fieldMeaning(field, file, known);
    byName.set(field.name, own);
    byNumber.set(field.id, { name: field.name, ...own });
  }
  return meaning;
}

function fieldMeaning(
  field: protobuf.Field,
  file: ParsedFile,
  known: Known,
): FieldMeaning {
  if (isTexts(field)) return textsMeaning;
  const meaning = elementMeaning(field, file, known);
  if (field.repeated) {
    const isNumber = messageOf(field) === null && field.type !== "string";
    return listMeaning(meaning, isNumber);
  }
  const hasPresence = field.partOf !== null || messageOf(field) !== null;
  return {
    ofJson: (json, span) =>
      isNullAt(json, span) ? "null" : meaning.ofJson(json, span),
    read: (reader) => [meaning.ofWire(reader)],
    whole: (texts) => texts.at(-1) ?? "null",
    absent: hasPresence ? ["null"] : ["null", '""', "0", "false"],
  };
}

function listMeaning(meaning: Meaning, isNumber: boolean): FieldMeaning {
  const whole = (texts: readonly string[]) => `[${texts.join(",")}]`;
  return {
    ofJson: (json, span) =>
      isArrayAt(json, span)
        ? whole(
            elements(json, span.start).map((one) => meaning.ofJson(json, one)),
          )
        : canonicalJson(json, span),
    read(reader, wireType) {
      // Numbers may stand together behind one tag.
      if (wireType !== DELIMITED || !isNumber) return [meaning.ofWire(reader)];
      const end = reader.uint32() + reader.pos;
      const texts: string[] = [];
      while (reader.pos < end) texts.push(meaning.ofWire(reader));
      return texts;
    },
    whole,
    absent: ["[]"],
  };
}

const textsMeaning: FieldMeaning = {
  ofJson(json, span) {
    if (!isObjectAt(json, span)) return canonicalJson(json, span);
    return textsOf(
      [...members(json, span.start)].map(([name, place]) =>
        entryText(wellFormed(name), canonicalJson(json, place)),
      ),
    );
  },
  read(reader) {
    const [name, text] = readEntry(reader);
    return [entryText(name, canonicalJson(Buffer.from(text)))];
  },
  whole: textsOf,
  absent: ["{}"],
};

function textsOf(entries: readonly string[]): string {
  return `{${entries.toSorted().join(",")}}`;
}

function entryText(name: string, text: string): string {
  return `${JSON.stringify(name)}:${text}`;
}

/** Reads an entry of a `map<string, string>`. */
function readEntry(reader: protobuf.Reader): readonly [string, string] {
  const end = reader.uint32() + reader.pos;
  const found = new Map<number, string>();
  while (reader.pos < end) {
    const tag = reader.uint32();
    found.set(tag >>> 3, reader.string());
  }
  return [found.get(1) ?? "", found.get(2) ?? ""];
}

function elementMeaning(
  field: protobuf.Field,
  file: ParsedFile,
  known: Known,
): Meaning {
  const message = isTimestamp(field) ? null : messageOf(field);
  return message === null
    ? scalarMeaning(field, file)
    : (known.get(message.fullName) ?? messageMeaning(message, file, known));
}
