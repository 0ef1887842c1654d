// Any record that Sell might send is in its flat row: the record that the row stands for is equal.
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import type {
  CustomField,
  CustomFieldList,
} from "../../../src/domain/custom-fields.ts";
import { avroFormat } from "../../../src/format/avro/avro-format.ts";
import { avroCodec } from "../../../src/format/avro/columns/codec.ts";
import { tableOf } from "../../../src/format/avro/columns/table.ts";
import { columnsWriter as avroColumns } from "../../../src/format/avro/columns/columns-writer.ts";
import { compile } from "../../../src/format/avro/long.ts";
import { fieldsOf } from "../../../src/format/avro/row-within.ts";
import type { AvroSchema } from "../../../src/format/avro/schemas.ts";
import { plannedTable } from "../../../src/format/columns/planned-table.ts";
import {
  recordText,
  tableMeaning,
} from "../../../src/format/columns/record-text.ts";
import type { ColumnCodec, Row } from "../../../src/format/columns/table.ts";
import { columnsIn } from "../../../src/format/json-schema/column-schemas.ts";
import {
  jsonCodec,
  rowIn,
  rowWriter,
} from "../../../src/format/json-schema/columns.ts";
import { jsonSchemaFormat } from "../../../src/format/json-schema/json-schema-format.ts";
import { protobufCodec } from "../../../src/format/protobuf/columns/codec.ts";
import { rowIn as rowOfWire } from "../../../src/format/protobuf/columns/columns-meaning.ts";
import { columnsWriter } from "../../../src/format/protobuf/columns/columns-writer.ts";
import { columnFields } from "../../../src/format/protobuf/columns/table.ts";
import {
  firstMessage,
  parsedFile,
} from "../../../src/format/protobuf/parsed.ts";
import { protobufFormat } from "../../../src/format/protobuf/protobuf-format.ts";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../../src/format/schema-files.ts";
import type { RegisteredFormat } from "../../../src/format/value-format.ts";
import { parsedExactly, saysTheSame } from "../../support/says-the-same.ts";

const kinds = [
  "text",
  "number",
  "boolean",
  "date",
  "date-time",
  "choice",
  "choices",
  "address",
] as const;

const fields: CustomFieldList = [
  ...kinds.map((kind, at): CustomField => ({
    id: String(at + 1),
    resource: null,
    name: `Field of ${kind}`,
    kind,
    holders: "all",
  })),
  field({ id: "20", name: "Size", kind: "number", holders: "people" }),
  field({ id: "21", name: "Size", kind: "text", holders: "organizations" }),
  field({ id: "22", name: "", kind: "text" }),
  field({ id: "23", name: "cf_x", kind: "number" }),
  field({ id: "24", name: "id", kind: "text" }),
  field({ id: "25", name: "日本語", kind: "text" }),
  field({
    id: "25",
    resource: "prospect_and_customer",
    name: "a.b",
    kind: "date",
  }),
];

function field(
  given: Pick<CustomField, "id" | "name" | "kind"> & Partial<CustomField>,
): CustomField {
  return { resource: null, holders: "all", ...given };
}

/** JSON text of values that fit some column, nearly fit one, or are anything. */
const scalarText = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    '"2026-11-24T10:00:00Z"',
    '"2018-05-09T09:30:16.123456+02:00"',
    '"2026-11-24T10:00:00.1234567Z"',
    '"2026-02-30"',
    '"2026-02-28"',
    '"0000-00-00"',
    '"4/27/2016"',
    '"4/28/2016 6:00"',
    '"2016-04-28T06:00:00Z"',
    '"\\ud800"',
    '"a\\u0000b"',
    '"12.50"',
    "-0",
    "1e3",
    '"123456789012345678901234567890123456789012345678901234567890"',
    "123456789012345678901234567890123456789012345678901234567890",
  ),
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(0|[1-9]\d{0,45})(\.\d{1,15})?([eE][+-]?\d{1,3})?$/),
  fc.string().map((one) => JSON.stringify(one)),
);
const objectText = (names: readonly string[], value: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(
      fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), value),
      { selector: ([name]) => name, maxLength: 6 },
    )
    .map(
      (members) =>
        `{${members.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(", ")}}`,
    );
const addressText = objectText(
  ["line1", "city", "postal_code", "state", "country"],
  scalarText,
);
const choiceText = objectText(["id", "name"], scalarText);
const listText = fc
  .array(fc.oneof(scalarText, choiceText), { maxLength: 3 })
  .map((texts) => `[${texts.join(" , ")}]`);
const anyText = fc.jsonValue().map((value) => JSON.stringify(value));
const valueText = fc.oneof(
  scalarText,
  addressText,
  listText,
  choiceText,
  anyText,
);
const customText = objectText(
  fields.map(({ name }) => name),
  valueText,
);

const meta = objectText(["meta"], objectText(["type", "count"], scalarText));

function recordTexts(type: string): fc.Arbitrary<string> {
  const { fields: own } = JSON.parse(readRowSchema(type)) as {
    fields: { name: string }[];
  };
  const names = own.map(({ name }) => name);
  const member = fc.oneof(
    fc.tuple(
      fc.oneof(fc.constantFrom(...names), fc.string()),
      fc.oneof(valueText, meta),
    ),
    fc.tuple(fc.constantFrom("custom_fields"), customText),
    fc.tuple(
      fc.constantFrom("address", "billing_address", "group"),
      addressText,
    ),
    fc.tuple(
      fc.constantFrom("is_organization"),
      fc.constantFrom("true", "false"),
    ),
  );
  return fc
    .uniqueArray(member, { selector: ([name]) => name, maxLength: 8 })
    .map(
      (members) =>
        `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`,
    );
}

interface Way {
  readonly name: string;
  readonly codec: ColumnCodec;
  /** Whether readers can't tell an empty list from a missing one. */
  readonly isEmptyMissing?: boolean;
  /** The record's text after it was written as a value and read back; `defined` have columns. */
  readonly back: (
    type: string,
    known: CustomFieldList | null,
    defined: CustomFieldList,
  ) => Promise<(data: Buffer) => string>;
}

const ways: readonly Way[] = [
  {
    name: "avro",
    codec: avroCodec,
    async back(type, list, defined) {
      const text = await textOf(avroFormat, type, defined);
      const schema = JSON.parse(text) as AvroSchema;
      const avro = compile(schema);
      const write = avroColumns({ schema, type: avro }, list);
      const table = tableOf(fieldsOf(schema));
      const toText = recordText(table, avroCodec, list);
      return (data) => {
        const out = new WireWriter(2);
        expect(write(out, data)).toBe(null);
        return toText(avro.fromBuffer(out.written()) as Row);
      };
    },
  },
  {
    name: "json-schema",
    codec: jsonCodec,
    async back(type, list, defined) {
      const text = await textOf(jsonSchemaFormat, type, defined);
      const { table } = columnsIn(text) ?? { table: { columns: [] } };
      const write = rowWriter(table, list);
      const toText = recordText(table, jsonCodec, list);
      return (data) => {
        const value = write(data) ?? Buffer.alloc(0);
        expect(() => JSON.parse(value.toString()) as unknown).not.toThrow();
        return toText(rowIn(value, 0));
      };
    },
  },
  {
    name: "protobuf",
    codec: protobufCodec,
    isEmptyMissing: true,
    async back(type, list, defined) {
      const file = parsedFile(await textOf(protobufFormat, type, defined));
      const message = firstMessage(file);
      const write = columnsWriter(message, list);
      const columns = columnFields(message);
      const read = rowOfWire(columns);
      const table = { columns: columns.map(({ column }) => column) };
      const toText = recordText(table, protobufCodec, list);
      return (data) => {
        const out = new WireWriter();
        expect(write(out, data)).toBe(null);
        const value = out.written();
        return toText(read(protobuf.Reader.create(value), value.length));
      };
    },
  },
];

async function textOf(
  { schemas }: RegisteredFormat,
  type: string,
  defined: CustomFieldList,
) {
  return schemas.columns.text(type, "row", { latest: null, fields: defined });
}

describe.each(ways)("columns as $name", ({ back, codec, isEmptyMissing }) => {
  it.each(typesWithSchema())(
    "hold any %s, whether custom fields are known or not",
    async (type) => {
      const table = plannedTable(type, null, fields);
      const meaning = tableMeaning(table, codec, fields);
      const backs = [
        await back(type, fields, fields),
        await back(type, null, fields),
        await back(type, null, []),
      ];
      fc.assert(
        fc.property(recordTexts(type), (text) => {
          const data = Buffer.from(text);
          for (const record of backs.map((toRecord) => toRecord(data))) {
            const isSame = saysTheSame(
              parsedExactly(text),
              parsedExactly(record),
              isEmptyMissing === true ? { mayBeMissing: "empty lists" } : {},
            );
            if (!isSame) expect(record).toBe(text);
            expect(meaning.ofJson(Buffer.from(record))).toBe(
              meaning.ofJson(data),
            );
          }
        }),
        { numRuns: 50 },
      );
    },
  );
});
