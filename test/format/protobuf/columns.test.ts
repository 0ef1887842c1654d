// Proves the .proto texts of columns: what they remember, that numbers stay for ever, and what an operator's message gets.
import { describe, expect, it } from "vitest";
import {
  unknownFields,
  type CustomField,
} from "../../../src/domain/custom-fields.ts";
import { TypeFault } from "../../../src/domain/faults.ts";
import { baseColumns } from "../../../src/format/columns/base-columns.ts";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import {
  columnsText,
  isOfColumns,
} from "../../../src/format/protobuf/columns/column-schemas.ts";
import { columnNumbers } from "../../../src/format/protobuf/columns/numbers.ts";
import { columnFields } from "../../../src/format/protobuf/columns/table.ts";
import { fieldNumbers } from "../../../src/format/protobuf/field-numbers.ts";
import {
  firstMessage,
  parsedFile,
  rowWithin,
} from "../../../src/format/protobuf/parsed.ts";
import { protobufReader } from "../../../src/format/protobuf/protobuf-reader.ts";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { change, customField as field } from "../../support/builders.ts";
import { readDocument } from "../../support/documents/markdown.ts";
import { serving } from "../../support/http/local-server.ts";

const fields = [
  field(1, "Region", "choice"),
  field(2, "Größe (cm)", "number"),
  field(3, "Signed on", "date"),
  field(4, 'Said "yes" \\ & =\n?', "choices"),
  field(5, "HQ", "address"),
];

const shapes = ["row", "envelope"] as const;

const textOf = (
  known: readonly CustomField[] | null,
  latest: string | null = null,
  shape: (typeof shapes)[number] = "row",
) => columnsText("contact", shape, { latest, fields: known });

function columnsIn(text: string) {
  const first = firstMessage(parsedFile(text));
  return columnFields(rowWithin(first) ?? first);
}

/** The numbers of the columns in a text, by name. */
function numbersIn(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    columnsIn(text).map(({ column, field: { id } }) => [column.name, id]),
  );
}

describe("the number of a column", () => {
  it.each(typesWithSchema())("of a %s is a committed one", (type) => {
    const committed = {
      ...fieldNumbers(type),
      ...fieldNumbers(`${type}.columns`),
    };
    const text = columnsText(type, "row", { latest: null, fields: null });
    for (const { name } of baseColumns(type))
      expect([name, numbersIn(text)[name]]).toEqual([name, committed[name]]);
    const values = Object.values(numbersIn(text));
    expect(new Set(values).size).toBe(values.length);
    expect(text).not.toContain("reserved");
  });

  it("of a custom field is made of its id, so that two processes give it the same one", () => {
    const numbers = numbersIn(textOf(fields));
    const reversed = numbersIn(textOf(fields.toReversed()));
    expect(reversed).toEqual(numbers);
    expect(numbers).toMatchObject({
      ...{ cf_region: 2_502_315, cf_grosse_cm: 7_214_617 },
      ...{ cf_signed_on: 14_353_344, cf_said_yes: 19_531_561 },
      ...{ cf_hq_line1: 20_003_257, cf_hq_country: 25_155_396 },
    });
  });

  it("stays as the newest registered schema has it", () => {
    const before = textOf(fields).replace(/(cf_region = )\d+/, "$1 2000000");
    const later = [...fields, field(6, "New")];
    for (const known of [later, null])
      expect(numbersIn(textOf(known, before))).toMatchObject({
        ...numbersIn(before),
        cf_region: 2_000_000,
      });
  });

  it("is the next one where another column has it", () => {
    const [column] = columnsIn(textOf([field(1, "Region")])).filter(
      ({ column: { name } }) => name === "cf_region",
    );
    if (column === undefined) throw new Error();
    const own = { columns: [column.column] };
    const number = columnNumbers("tag", own, [], {})["cf_region"] ?? 0;
    const two = {
      columns: [column.column, { ...column.column, name: "cf_other" }],
    };
    expect(columnNumbers("tag", two, [], { cf_other: number })).toMatchObject({
      cf_region: number + 1,
    });
  });

  it("is one of Protobuf's, whatever Sell defines", () => {
    const many = Array.from({ length: 501 }, (_, at) => field(at, `F ${at}`));
    const numbers = Object.values(numbersIn(textOf(many)));
    expect(numbers).toHaveLength(baseColumns("contact").length + 501);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers)
      expect(
        number < 19_000 || (number >= 1_000_000 && number < 33_000_000),
      ).toBe(true);
  });
});

describe("the .proto text of columns", () => {
  it("has a field for each column, and what the registry must remember of it", () => {
    const lines = textOf(fields).split("\n");
    for (const line of [
      "  optional int64 id = 1;",
      "  repeated string tags = 27;",
      "  google.protobuf.Timestamp created_at = 29;",
      '  optional string extra = 31 [(sell_column) = "sell.type=json"];',
      '  optional string address_line1 = 1001 [(sell_column) = "sell.path=address.line1"];',
      '  optional string cf_region = 2502315 [(sell_column) = "sell.id=1&sell.name=Region"];',
      '  optional string cf_grosse_cm = 7214617 [(sell_column) = "sell.column=decimal&sell.id=2&sell.name=Gr%C3%B6%C3%9Fe+%28cm%29"];',
      '  optional string cf_signed_on = 14353344 [(sell_column) = "sell.column=date&sell.id=3&sell.name=Signed+on"];',
      '  repeated string cf_said_yes = 19531561 [(sell_column) = "sell.id=4&sell.name=Said+%22yes%22+%5C+%26+%3D%0A%3F"];',
      '  optional string cf_hq_line1 = 20003257 [(sell_column) = "sell.id=5&sell.name=HQ&sell.part=line1"];',
    ])
      expect(lines).toContain(line);
  });

  it("is as docs/formats.md shows it", () => {
    const [, line = ""] =
      /```proto\n(.*)\n```/.exec(readDocument("docs/formats.md")) ?? [];
    expect(textOf([field(1_007, "Budget", "number")])).toContain(`  ${line}\n`);
    expect(line).toContain("cf_budget");
  });

  it("has the value's message first, and the envelope around it", () => {
    for (const [shape, name] of [
      ["row", "Value"],
      ["envelope", "Envelope"],
    ] as const) {
      const text = textOf(fields, null, shape);
      expect(firstMessage(parsedFile(text)).name).toBe(name);
      expect(text.indexOf("message ")).toBeLessThan(text.indexOf("extend "));
      expect(shapes.filter((one) => isOfColumns(text, one))).toEqual([shape]);
      expect(isOfColumns(protoText("contact", shape), shape)).toBe(false);
    }
    expect(isOfColumns("no schema", "row")).toBe(false);
  });

  it("declares the option by a number that no other type has", () => {
    const numbers = typesWithSchema().map(
      (type) =>
        /sell_column = (\d+);/.exec(
          columnsText(type, "row", { latest: null, fields: null }),
        )?.[1],
    );
    expect(numbers).not.toContain(undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("is the generic one for other types", () => {
    expect(columnsText("hologram", "row", { latest: null, fields: null })).toBe(
      protoText(null, "row"),
    );
  });

  it.each([
    ["as it was registered", (text: string) => text],
    ["as Confluent's registry writes it", asConfluent],
  ])("remembers names and fields %s", (_, stored) => {
    for (const shape of shapes) {
      const before = textOf(fields, null, shape);
      const latest = stored(before);
      const same = textOf(fields, latest, shape);
      expect(numbersIn(same)).toEqual(numbersIn(before));
      const renamed = [field(1, "Größe (cm)"), ...fields.slice(2)];
      const after = columnsIn(textOf(renamed, latest, shape));
      const byName = new Map(
        after.map(({ column }) => [column.name, column.place]),
      );
      expect(byName.get("cf_region")).toMatchObject({
        field: { id: "1", name: "Größe (cm)" },
      });
      // A field that is gone keeps its column.
      expect(byName.get("cf_grosse_cm")).toMatchObject({ field: { id: "2" } });
      expect(byName.get("cf_said_yes")).toMatchObject({
        field: { name: 'Said "yes" \\ & =\n?' },
      });
      expect(after.length).toBe(columnsIn(before).length);
    }
  });

  it("gives a field of another type another column, and keeps the old one", () => {
    const before = textOf([field(1, "Size", "number")]);
    const after = textOf([field(1, "Size")], before);
    const own = columnsIn(after).filter(({ column: { name } }) =>
      name.startsWith("cf_size"),
    );
    expect(own.map(({ column: { name, type } }) => [name, type])).toEqual([
      ["cf_size", "decimal"],
      ["cf_size_2", "string"],
    ]);
    expect(own[0]?.field.id).toBe(numbersIn(before)["cf_size"]);
    expect(own[1]?.field.id).not.toBe(own[0]?.field.id);
  });
});

/**
 * What Confluent's registry makes of a text, normalised: no comments, fields by their numbers, names
 * in full (`ProtobufSchemaUtils.toFormattedString`).
 */
function asConfluent(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => !line.trim().startsWith("//"))
    .map((line) =>
      line
        .replace("google.protobuf.", ".google.protobuf.")
        .replace("(sell_column)", "(com.zendesk.sell.contact.sell_column)"),
    );
  const isColumn = (line: string) => / = \d+( \[\(.*\])?;$/.test(line);
  const start = lines.findIndex((line) => line.includes("message Value"));
  const end = lines.findIndex((line, at) => at > start && line.endsWith("}"));
  const columns = lines.slice(start + 1, end).filter(isColumn);
  const numberIn = (line: string) => Number(/ = (\d+)/.exec(line)?.[1]);
  return [
    ...lines.slice(0, start + 1),
    ...columns.sort((a, b) => numberIn(a) - numberIn(b)),
    ...lines.slice(end),
  ].join("\n");
}

describe("an operator's message", () => {
  async function written(own: string, data: string) {
    await using server = await serving((_, response) => {
      response.end(
        JSON.stringify({ id: 1, schemaType: "PROTOBUF", schema: own }),
      );
    });
    const encoder = createEncoder({
      ...{ envelope: "flat", value: "protobuf", tombstones: true },
      ...{ topicPerType: true, autoRegister: false, clock: systemClock },
      origin: { version: "1", connectorName: "c", device: "d" },
      registry: new Registry({ url: server.url }),
      columns: { customFields: unknownFields, schemaKept: () => undefined },
    });
    await encoder.prepare("contact", "t", AbortSignal.timeout(30_000));
    const one = change({ data: Buffer.from(data) });
    const [payload] = encoder.encode(one, "t");
    const message = firstMessage(parsedFile(own));
    return message.toObject(
      message.decode(payload?.value?.subarray(6) ?? Buffer.of()),
      { longs: String },
    );
  }

  const own = `syntax = "proto3"; message Person {
    int64 id = 2; string name = 5; repeated int64 ids = 7 [packed = false];
    int32 small = 8; map<string, string> custom_fields = 9; string extra = 400; }`;

  it("gets the columns that it has, and the rest in extra", async () => {
    const data =
      '{"id":7,"name":"Ada","ids":[1,2],"small":3,"custom_fields":{"a":1},"fax":null}';
    expect(await written(own, data)).toEqual({
      ...{ id: "7", name: "Ada", ids: ["1", "2"] },
      extra: '{"small":3,"custom_fields":{"a":1},"fax":null}',
    });
  });

  it("defers what does not fit it", async () => {
    const strict =
      'syntax = "proto2"; message Person { required string name = 1; }';
    await expect(written(strict, '{"id":7,"name":"Ada"}')).rejects.toThrow(
      TypeFault,
    );
    await expect(written(strict, '{"name":null}')).rejects.toThrow(
      "does not fit its schema at name",
    );
    expect(await written(strict, '{"name":"Ada"}')).toEqual({ name: "Ada" });
  });
});

describe("a value in columns", () => {
  it("is told from a nested one by its schema", () => {
    const reader = protobufReader(textOf(fields), null);
    const same = [
      ['{"tags":[]}', "{}"],
      ['{"name":null}', "{}"],
      ['{"custom_fields":{"Region":null}}', '{"custom_fields":{}}'],
      [
        '{"custom_fields":{"Größe (cm)":"1.50"}}',
        '{"custom_fields":{"Größe (cm)":1.5}}',
      ],
    ];
    for (const [one = "", other = ""] of same)
      expect(reader.canonical(Buffer.from(one))).toBe(
        reader.canonical(Buffer.from(other)),
      );
    expect(reader.canonical(Buffer.from('{"tags":null}'))).toBe(
      '{"tags":null}',
    );
  });
});
