// Writes docs/fields.md: the fields of each resource type, from schemas/*.avsc.
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import type { AvroField, AvroSchema } from "../src/format/avro/schemas.ts";
import {
  EXTRA,
  readRowSchema,
  typesWithSchema,
} from "../src/format/schema-files.ts";

export const file = new URL("../docs/fields.md", import.meta.url);

const NUMBER_OR_STRING = "**number or string**";

const intro = `# Fields

<!-- Written by \`npm run schema\`: change schemas/*.avsc, or the script, in place of this file. -->

The fields of each resource type that has a schema in [schemas](../schemas), as far as they are known. Sell documents most of them, and sends some that it does not document.

- **Every field may be missing or null**, and a record of the type \`associated_contact\` has no \`id\`. Sell may send further fields at any time.
- **JSON** is what Sell usually sends; the value formats \`json\` and \`json-schema\` pass it on as it came, so a consumer must bear another type.
- **Avro** is the type of the field in the value format \`avro\`, each in a union with null. A value that does not fit its field, and a field that is not listed, is in \`extra\`, a map from its name to its JSON text.
- In the value format \`protobuf\`, a \`long\` is an \`int64\`, a decimal is text in decimal digits, a timestamp a \`google.protobuf.Timestamp\`, a record a message, an array \`repeated\`, and \`extra\` is there as in Avro.
- ${NUMBER_OR_STRING}: Sell writes an amount without a fraction as a number, \`1000\`, and one with a fraction as a string, \`"1000.50"\`. Read both; [formats.md](formats.md#amounts) shows how.
- A date and time is a string such as \`"2026-11-23T10:00:00Z"\`. \`custom_fields\` is an object from the name of each custom field to its value, of any type; in Avro a map from the name to the JSON text of the value.
- A type that is not listed is passed on as it came in JSON; in Avro it is \`{"id": string, "data": string}\`, with the JSON text of the record in \`data\`, and in Protobuf a message of these two.
`;

/** A field, with its place within the record. */
export interface FieldRow {
  readonly path: string;
  readonly json: string;
  readonly avro: string;
}

/** The document, as it belongs into the repository. */
export async function fieldDocsText(): Promise<string> {
  const types = typesWithSchema();
  const index = types.map((type) => `[${type}](#${type})`).join(", ");
  const sections = types.map((type) => `## ${type}\n\n${tableOf(type)}`);
  return format([intro, index, ...sections].join("\n\n"), {
    parser: "markdown",
  });
}

/** All fields of a type, those of its nested records too. */
export function fieldsOf(type: string): FieldRow[] {
  const { fields } = JSON.parse(readRowSchema(type)) as {
    fields: readonly AvroField[];
  };
  return rowsOf(fields, "", new Map());
}

function tableOf(type: string): string {
  const rows = fieldsOf(type).map(({ path, json, avro }) => [
    `\`${path}\``,
    json,
    avro,
  ]);
  return [["field", "JSON", "Avro"], ["-", "-", "-"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

type Records = Map<string, readonly AvroField[]>;

function rowsOf(
  fields: readonly AvroField[],
  within: string,
  records: Records,
): FieldRow[] {
  return fields
    .filter(({ name }) => name !== EXTRA)
    .flatMap(({ name, type }) => fieldRows(type, `${within}${name}`, records));
}

/** The row of a field, and those of the fields within it. */
function fieldRows(
  type: AvroSchema,
  path: string,
  records: Records,
): FieldRow[] {
  if (type instanceof Array)
    return fieldRows(
      type.find((branch) => branch !== "null") ?? "null",
      path,
      records,
    );
  if (typeof type === "string") {
    const fields = records.get(type);
    return fields === undefined
      ? [{ path, json: scalars[type] ?? type, avro: type }]
      : recordRows(fields, path, records);
  }
  const { logicalType, precision, scale, items = "null", name = "" } = type;
  if (logicalType === "timestamp-micros")
    return [{ path, json: "date and time", avro: logicalType }];
  if (logicalType === "decimal")
    return [
      {
        path,
        json: NUMBER_OR_STRING,
        avro: `decimal(${precision ?? 0}, ${scale ?? 0})`,
      },
    ];
  if (type.type === "map")
    return [{ path, json: "object", avro: "map of JSON texts" }];
  if (type.type === "array") {
    const [element, ...within] = fieldRows(items, `${path}[]`, records);
    const json = `list of ${element?.json ?? "values"}s`;
    const avro = `array of ${element?.avro ?? ""}`;
    return [{ path, json, avro }, ...within];
  }
  records.set(name, type.fields ?? []);
  return recordRows(type.fields ?? [], path, records);
}

function recordRows(
  fields: readonly AvroField[],
  path: string,
  records: Records,
): FieldRow[] {
  const own = { path, json: "object", avro: "record" };
  return [own, ...rowsOf(fields, `${path}.`, records)];
}

const scalars: Readonly<Record<string, string>> = {
  long: "integer",
  string: "string",
  boolean: "boolean",
};

if (import.meta.main) writeFileSync(file, await fieldDocsText());
