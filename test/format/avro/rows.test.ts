// Avro rows hold integers, instants and maps exactly, and lose nothing of any JSON object.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../../src/format/avro/long.ts";
import { rowReader } from "../../../src/format/avro/rows.ts";
import type { AvroSchema } from "../../../src/format/avro/schemas.ts";
import { UNFIT } from "../../../src/format/scalars/scalars.ts";

const nullable = (type: AvroSchema) => ["null", type] as const;
const schema: AvroSchema = {
  type: "record",
  name: "Thing",
  fields: [
    { name: "id", type: nullable("long"), default: null },
    { name: "name", type: nullable("string"), default: null },
    { name: "hot", type: nullable("boolean"), default: null },
    {
      name: "at",
      type: nullable({ type: "long", logicalType: "timestamp-micros" }),
      default: null,
    },
    {
      name: "value",
      type: nullable({
        type: "bytes",
        logicalType: "decimal",
        precision: 38,
        scale: 9,
      }),
      default: null,
    },
    {
      name: "ids",
      type: nullable({ type: "array", items: "long" }),
      default: null,
    },
    {
      name: "fields",
      type: nullable({ type: "map", values: "string" }),
      default: null,
    },
    {
      name: "sub",
      type: nullable({
        type: "record",
        name: "Sub",
        fields: [{ name: "a", type: nullable("string"), default: null }],
      }),
      default: null,
    },
    { name: "extra", type: { type: "map", values: "string" }, default: {} },
  ],
};
const read = rowReader(schema);
const type = compile(schema);

/** What a consumer gets of a record: written as Avro, and read back. */
function roundTrip(text: string) {
  const row = read(Buffer.from(text));
  expect(row).not.toBe(UNFIT);
  return type.fromBuffer(type.toBuffer(row)) as {
    readonly [name: string]: unknown;
    readonly extra: Record<string, string>;
  };
}

function decimalText(bytes: unknown): string {
  const hex = (bytes as Buffer).toString("hex");
  const value = BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`));
  const digits = (value < 0n ? -value : value).toString().padStart(10, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

describe("Avro rows", () => {
  it("hold integers over the full 64 bits, and keep larger ones as text", () => {
    expect(roundTrip('{"id":9223372036854775807}')["id"]).toBe(2n ** 63n - 1n);
    expect(roundTrip('{"id":-9223372036854775808}')["id"]).toBe(-(2n ** 63n));
    const larger = roundTrip('{"id":9223372036854775808}');
    expect(larger).toMatchObject({
      id: null,
      extra: { id: "9223372036854775808" },
    });
  });

  it.each([
    ["1000", "1000.000000000"],
    ['"1000.50"', "1000.500000000"],
    ["-0.000000001", "-0.000000001"],
    ["1.5e3", "1500.000000000"],
    ["0", "0.000000000"],
    [
      '"99999999999999999999999999999.999999999"',
      "99999999999999999999999999999.999999999",
    ],
  ])("hold the amount %s exactly", (text, exact) => {
    expect(decimalText(roundTrip(`{"value":${text}}`)["value"])).toBe(exact);
  });

  it.each([
    ["value", "1.0000000001"],
    ["value", '"12,50"'],
    ["value", "100000000000000000000000000000"],
    ["id", "1.0"],
    ["id", '"7"'],
    ["id", "-0"],
    ["hot", "1"],
    ["name", '"\\ud800"'],
    ["name", '{"a":1}'],
    ["at", '"yesterday"'],
    ["at", '"2026-01-01T00:00:00"'],
    ["at", '"2026-01-01T00:00:00.1234567Z"'],
    ["at", '"2026-02-30T00:00:00Z"'],
    ["at", '"0000-01-01T00:00:00Z"'],
    ["at", '"0001-01-01T00:00:00+00:01"'],
    ["at", '"9999-12-31T23:59:59-00:01"'],
    ["ids", "[1,null]"],
    ["ids", "[1.5]"],
    ["fields", "[]"],
    ["sub", '{"a":"x","b":1}'],
    ["unknown", "null"],
    ["extra", '{"own":true}'],
  ])("keep %s = %s as it came, in extra", (name, text) => {
    const row = roundTrip(`{"${name}": ${text} }`);
    expect(row.extra).toEqual(
      JSON.parse(`{"${name}":${JSON.stringify(text)}}`),
    );
  });

  it("hold instants to the microsecond", () => {
    const { at } = roundTrip('{"at":"2018-05-09T09:30:16.123456+02:00"}');
    expect(at).toBe(
      BigInt(Date.UTC(2018, 4, 9, 7, 30, 16)) * 1_000n + 123_456n,
    );
  });

  it("hold members of a map as JSON text, whatever their names", () => {
    const { fields } = roundTrip(
      '{"fields":{";1234": 1.0,"a.b":null,"größe":["x"]}}',
    );
    expect(Object.entries(fields as object)).toEqual([
      [";1234", "1.0"],
      ["a.b", "null"],
      ["größe", '["x"]'],
    ]);
  });

  it("write members named __proto__ like any other", () => {
    // avsc itself can't read such a name back, so the bytes are looked at.
    const row = read(
      Buffer.from('{"__proto__":"top","fields":{"__proto__":"deep"}}'),
    );
    const bytes = type.toBuffer(row).toString("latin1");
    expect(bytes.match(/__proto__[^"]"(top|deep)"/g)).toHaveLength(2);
  });

  it("lose nothing of any JSON object", () => {
    const names = fc.oneof(
      fc.constantFrom(
        "id",
        "name",
        "hot",
        "at",
        "value",
        "ids",
        "fields",
        "sub",
      ),
      // avsc reads a map's member of that name into the map's prototype; it has a test of its own.
      fc.string().filter((one) => one !== "__proto__"),
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (record) => {
        const row = roundTrip(JSON.stringify(record));
        for (const [name, value] of Object.entries(record)) {
          const extra = Object.hasOwn(row.extra, name)
            ? row.extra[name]
            : undefined;
          if (extra !== undefined)
            expect(JSON.stringify(JSON.parse(extra))).toBe(
              JSON.stringify(value),
            );
          else expect(regained(name, row[name])).toEqual(value);
        }
      }),
    );
  });

  it("have no place for what a schema without extra does not know", () => {
    const strict: AvroSchema = {
      type: "record",
      name: "Strict",
      fields: [{ name: "id", type: "long" }],
    };
    expect(rowReader(strict)(Buffer.from('{"id":1,"x":2}'))).toBe(UNFIT);
    expect(rowReader(strict)(Buffer.from("{}"))).toBe(UNFIT);
    expect(rowReader(strict)(Buffer.from('{"id":1}'))).toEqual({ id: 1n });
  });
});

/** The JSON value that a typed field stands for. */
function regained(name: string, value: unknown): unknown {
  if (value === null) return null;
  if (name === "id") return Number(value);
  if (name === "ids") return (value as bigint[]).map(Number);
  if (name === "value") return Number(decimalText(value));
  if (name === "sub") {
    const { a } = value as { a: unknown };
    return a === null ? expect.anything() : { a };
  }
  if (name === "fields")
    return Object.fromEntries(
      Object.entries(value as Record<string, string>).map(([key, text]) => [
        key,
        JSON.parse(text) as unknown,
      ]),
    );
  return value;
}
