// Avro rows hold integers, instants and maps exactly, and lose nothing of any JSON object.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  AvroField,
  AvroSchema,
} from "../../../src/format/avro/schemas.ts";
import { EXTRA } from "../../../src/format/schema-files.ts";
import { avroRows } from "../../support/avro-rows.ts";

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
const { roundTrip } = avroRows(schema);

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
    const { extra, fields } = roundTrip(
      '{"__proto__":"top","fields":{"__proto__":"deep"}}',
    );
    expect(Object.entries(extra)).toEqual([["__proto__", '"top"']]);
    expect(Object.entries(fields as object)).toEqual([["__proto__", '"deep"']]);
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
      fc.string(),
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (any) => {
        const text = JSON.stringify(any);
        // JSON has no -0.
        const record = JSON.parse(text) as typeof any;
        const row = roundTrip(text);
        for (const [name, value] of Object.entries(record)) {
          const extra = Object.hasOwn(row.extra, name)
            ? row.extra[name]
            : undefined;
          if (extra !== undefined)
            expect(JSON.stringify(JSON.parse(extra))).toBe(
              JSON.stringify(value),
            );
          else
            expect(regained(name, row[name])).toEqual(
              name === "value" ? amountIn(value) : value,
            );
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
    const strictly = avroRows(strict);
    expect(strictly.written('{"id":1,"x":2}')).toBeNull();
    expect(strictly.written("{}")).toBeNull();
    expect(strictly.roundTrip('{"id":1}')).toEqual({ id: 1n });
  });
});

describe("a schema of an operator", () => {
  const fields = (...own: AvroField[]): AvroSchema => ({
    type: "record",
    name: "Own",
    namespace: "com.example",
    fields: own,
  });
  const texts: AvroSchema = { type: "map", values: "string" };

  it("may have extra at any place, and nullable", () => {
    const { roundTrip: own } = avroRows(
      fields(
        { name: "id", type: "long" },
        { name: EXTRA, type: ["null", texts], default: null },
        { name: "hot", type: ["boolean", "null"], default: false },
        { name: "name", type: "string", default: "nobody" },
      ),
    );
    expect(own('{"id":1,"hot":"yes","other":[1]}')).toEqual({
      id: 1n,
      extra: { hot: '"yes"', other: "[1]" },
      hot: false,
      name: "nobody",
    });
    expect(own('{"name":"Ada","hot":null,"id":1}')).toEqual({
      id: 1n,
      extra: {},
      hot: null,
      name: "Ada",
    });
  });

  it("may have defaults of every type", () => {
    const { roundTrip: own } = avroRows(
      fields(
        { name: "count", type: "long", default: 7 },
        { name: "ids", type: { type: "array", items: "long" }, default: [1] },
        { name: "texts", type: texts, default: { a: "b" } },
        { name: "level", type: "int", default: 3 },
      ),
    );
    expect(own("{}")).toEqual({
      count: 7n,
      ids: [1n],
      texts: { a: "b" },
      level: 3,
    });
  });

  it("may hold records of its own kind", () => {
    const { roundTrip: own, written } = avroRows(
      fields(
        { name: "id", type: "long" },
        { name: "parent", type: ["null", "com.example.Own"], default: null },
        { name: "parts", type: { type: "array", items: "Own" }, default: [] },
      ),
    );
    const leaf = (id: bigint) => ({ id, parent: null, parts: [] });
    expect(
      own('{"parts":[{"id":3},{"id":4}],"parent":{"id":2},"id":1}'),
    ).toEqual({ id: 1n, parent: leaf(2n), parts: [leaf(3n), leaf(4n)] });
    expect(written('{"id":1,"parent":{"id":2,"x":3}}')).toBeNull();
    expect(written('{"id":1,"parts":[{"id":2},{}]}')).toBeNull();
  });

  it.each([
    { items: ["null", "long", "string"] },
    { items: { type: "enum", name: "Sort", symbols: ["a"] } },
    { items: { type: "fixed", name: "Two", size: 2, logicalType: "decimal" } },
    { items: { type: "bytes" } },
  ])("has values of $items in extra", ({ items }) => {
    const type = ["null", { type: "array", items } as AvroSchema] as const;
    const { roundTrip: own } = avroRows(
      fields(
        { name: "one", type, default: null },
        { name: EXTRA, type: texts },
      ),
    );
    const text = '["2026-01-01T00:00:00Z"]';
    expect(own(`{"one":${text}}`)).toEqual({ one: null, extra: { one: text } });
  });

  it("has a text as it is where it says that it is a time", () => {
    const type: AvroSchema = {
      type: "string",
      logicalType: "timestamp-micros",
    };
    const { roundTrip: own } = avroRows(fields({ name: "at", type }));
    const at = "2026-01-01T00:00:00Z";
    expect(own(JSON.stringify({ at }))).toEqual({ at });
  });

  it("takes the last one of members with one name", () => {
    const twice = roundTrip(
      '{"id":1,"x":1,"id":"a","x":2,"name":3,"name":"b"}',
    );
    expect(twice).toMatchObject({ id: null, name: "b" });
    expect(twice.extra).toEqual({ id: '"a"', x: "2" });
  });

  it("can't hold what is no record", () => {
    expect(avroRows(schema).written("[1]")).toBeNull();
  });
});

/** An amount may also be the text of a number. */
function amountIn(value: unknown): unknown {
  return typeof value === "string" && /^-?\d/.test(value)
    ? Number(value)
    : value;
}

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
