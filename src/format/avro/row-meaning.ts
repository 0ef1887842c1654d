import { canonicalJson, canonicalObject } from "../../json/canonical.ts";
import { elements, members, type Span } from "../../json/members.ts";
import { isArrayAt, isNullAt, isObjectAt, wholeOf } from "../../json/values.ts";
import { toDecimal } from "../scalars/decimal.ts";
import { UNFIT, wellFormed } from "../scalars/scalars.ts";
import { timestampIn } from "../scalars/time.ts";
import { EXTRA } from "../schema-files.ts";
import { isGeneric, type AvroField, type AvroSchema } from "./schemas.ts";

/**
 * Returns one canonical text for a value in Sell's JSON and for the Avro value that was written
 * from it, so that the two can be compared.
 */
interface Meaning {
  ofJson(json: Buffer, span: Span): string;
  ofValue(value: unknown): string;
}

/** The canonical texts of whole records of one schema. */
export interface RowMeaning {
  /** For the record's JSON text. */
  ofJson(data: Buffer): string;
  /** For a row that was read with the schema. */
  ofRow(row: unknown): string;
}

/**
 * Records of a row schema are compared field by field, by what the field's type keeps; the members
 * in `extra` count as fields, everything else is compared as JSON. A member that equals the default
 * of its field, null for most, counts as missing: Avro can't tell the two apart.
 */
export function rowMeaning(schema: AvroSchema): RowMeaning {
  const { fields = [] } = schema as { fields?: readonly AvroField[] };
  if (isGeneric(fields))
    return {
      ofJson: (data) => canonicalJson(data),
      ofRow: (row) =>
        canonicalJson(Buffer.from((row as { data: string }).data)),
    };
  const meaning = recordMeaning(schema, new Map());
  return {
    ofJson: (data) => meaning.ofJson(data, wholeOf(data)),
    ofRow: (row) => meaning.ofValue(row),
  };
}

const plainMeaning: Meaning = {
  ofJson: canonicalJson,
  ofValue: (value) =>
    typeof value === "bigint" ? String(value) : JSON.stringify(value ?? null),
};

function meaningOf(schema: AvroSchema, named: Map<string, Meaning>): Meaning {
  if (typeof schema === "string")
    return named.get(schema.split(".").at(-1) ?? "") ?? plainMeaning;
  if (schema instanceof Array) return unionMeaning(schema, named);
  const { logicalType, precision = 0, scale = 0 } = schema;
  if (logicalType === "timestamp-micros" || logicalType === "timestamp-millis")
    return timestampMeaning(
      logicalType === "timestamp-micros" ? "micros" : "millis",
    );
  if (logicalType === "decimal") return decimalMeaning(precision, scale);
  if (schema.type === "record") return recordMeaning(schema, named);
  if (schema.type === "array") return arrayMeaning(schema, named);
  if (schema.type === "map" && schema.values === "string") return textsMeaning;
  return meaningOf(schema.type, named);
}

function unionMeaning(
  branches: readonly AvroSchema[],
  named: Map<string, Meaning>,
): Meaning {
  const [only = "null", another] = branches.filter((one) => one !== "null");
  if (another !== undefined) return plainMeaning;
  const meaning = meaningOf(only, named);
  return {
    ofJson: (json, span) =>
      isNullAt(json, span) ? "null" : meaning.ofJson(json, span),
    ofValue: (value) => (value === null ? "null" : meaning.ofValue(value)),
  };
}

function timestampMeaning(unit: "millis" | "micros"): Meaning {
  return {
    ofJson(json, span) {
      const time = timestampIn[unit](json, span);
      return time === UNFIT ? canonicalJson(json, span) : `time ${time}`;
    },
    ofValue: (value) => `time ${String(value)}`,
  };
}

function decimalMeaning(precision: number, scale: number): Meaning {
  const text = (bytes: Buffer) => `decimal ${bytes.toString("hex")}`;
  return {
    ofJson(json, span) {
      const bytes = toDecimal(json, span, { precision, scale });
      return bytes === UNFIT ? canonicalJson(json, span) : text(bytes);
    },
    ofValue: (value) => text(value as Buffer),
  };
}

function arrayMeaning(
  { items = "null" }: { readonly items?: AvroSchema },
  named: Map<string, Meaning>,
): Meaning {
  const meaning = meaningOf(items, named);
  return {
    ofJson(json, span) {
      if (!isArrayAt(json, span)) return canonicalJson(json, span);
      const texts = elements(json, span.start).map((element) =>
        meaning.ofJson(json, element),
      );
      return `[${texts.join(",")}]`;
    },
    ofValue: (value) =>
      `[${(value as unknown[]).map((one) => meaning.ofValue(one)).join(",")}]`,
  };
}

/** For a map whose members of any name are kept as JSON text. */
const textsMeaning: Meaning = {
  ofJson(json, span) {
    if (!isObjectAt(json, span)) return canonicalJson(json, span);
    return canonicalObject(
      [...members(json, span.start)].map(([name, member]) => [
        wellFormed(name),
        canonicalJson(json, member),
      ]),
    );
  },
  ofValue: (value) =>
    canonicalObject(
      Object.entries(value as Record<string, string>).map(([name, text]) => [
        name,
        canonicalJson(Buffer.from(text)),
      ]),
    ),
};

function recordMeaning(
  schema: AvroSchema,
  named: Map<string, Meaning>,
): Meaning {
  const { name = "", fields = [] } = schema as {
    name?: string;
    fields?: readonly AvroField[];
  };
  const known = new Map<string, Meaning>();
  const defaults = new Map<string, string>();
  const said = (member: string, text: string): [string, string][] =>
    defaults.get(member) === text ? [] : [[member, text]];
  const memberOf = (member: string, json: Buffer, span: Span) =>
    said(member, (known.get(member) ?? plainMeaning).ofJson(json, span));
  const meaning: Meaning = {
    ofJson(json, span) {
      if (!isObjectAt(json, span)) return canonicalJson(json, span);
      return canonicalObject(
        [...members(json, span.start)].flatMap(([member, place]) =>
          memberOf(wellFormed(member), json, place),
        ),
      );
    },
    ofValue(value) {
      const row = value as Record<string, unknown>;
      const extra = (row[EXTRA] ?? {}) as Record<string, string>;
      return canonicalObject([
        ...[...known].flatMap(([field, own]) =>
          said(field, own.ofValue(row[field])),
        ),
        ...Object.entries(extra).flatMap(([member, text]) => {
          const json = Buffer.from(text);
          return memberOf(member, json, wholeOf(json));
        }),
      ]);
    },
  };
  named.set(name.split(".").at(-1) ?? "", meaning);
  for (const field of fields) {
    if (field.name === EXTRA) continue;
    known.set(field.name, meaningOf(field.type, named));
    if (field.default !== undefined)
      defaults.set(
        field.name,
        canonicalJson(Buffer.from(JSON.stringify(field.default))),
      );
  }
  return meaning;
}
