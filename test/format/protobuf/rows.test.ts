// Protobuf rows hold each member of a record exactly, typed or as JSON text in extra, by protobufjs's own decoder.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsedFile } from "../../../src/format/protobuf/parsed.ts";
import { rowWriter } from "../../../src/format/protobuf/row-writer.ts";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { anyJsonText } from "../../support/json-texts.ts";

type Row = Readonly<Record<string, unknown>>;

/** Writes records by a .proto text, and reads them back. */
function codec(text: string) {
  const file = parsedFile(text);
  const [type] = file.messages;
  if (type === undefined) throw new Error();
  const write = rowWriter(type, file);
  const out = new WireWriter();
  return {
    fields: type.fieldsArray.map(({ name }) => name),
    /** Null when the record does not fit. */
    roundTrip(json: string): Row | null {
      out.rewind(0);
      if (write(out, Buffer.from(json)) !== null) return null;
      return type.toObject(type.decode(out.written()), { longs: String });
    },
    misfit(json: string) {
      out.rewind(0);
      return write(out, Buffer.from(json));
    },
  };
}

const deal = codec(protoText("deal", "row"));
const product = codec(protoText("product", "row"));
const contact = codec(protoText("contact", "row"));
const call = codec(protoText("call", "row"));

describe("Protobuf rows", () => {
  it.each([
    ["id", "9223372036854775807", "9223372036854775807"],
    ["id", "-9223372036854775808", "-9223372036854775808"],
    ["id", "0", "0"],
    ["hot", "false", false],
    ["name", '""', ""],
    ["name", '"gr\\u00f6\\u00dfe \\ud83d\\ude00"', "größe 😀"],
    ["name", '"größe 😀"', "größe 😀"],
    ["value", "1000", "1000"],
    ["value", '"28360.50"', "28360.50"],
    ["value", "1.0", "1.0"],
    ["value", "-0.000000001", "-0.000000001"],
    ["value", "1.5e3", "1500"],
    ["value", '"0.1234e2"', "12.34"],
    ["value", "12e-4", "0.0012"],
    ["value", "9".repeat(60), "9".repeat(60)],
    ["tags", '["a","b"]', ["a", "b"]],
    ["associated_contacts", '{"meta":null}', {}],
    ["associated_contacts", '{"meta":{"count":2}}', { meta: { count: "2" } }],
  ])("hold %s = %s", (name, text, expected) => {
    expect(deal.roundTrip(`{ "${name}" : ${text} }`)).toEqual({
      [name]: expected,
    });
  });

  it.each([
    ['"2026-11-23T10:00:00Z"', "1795428000", 0],
    ['"2026-11-23T12:00:00.120+02:00"', "1795428000", 120_000_000],
    ['"2026-11-23 10:00:00.1234567890000-0000"', "1795428000", 123_456_789],
    ['"1970-01-01T00:00:00Z"', undefined, undefined],
    ['"1969-12-31T23:59:59.5Z"', "-1", 500_000_000],
    ['"0001-01-01T00:00:00Z"', "-62135596800", 0],
    ['"9999-12-31T23:59:59.999999999Z"', "253402300799", 999_999_999],
    ['"0099-02-28T00:00:00Z"', "-59037984000", 0],
  ])("hold the instant %s", (text, seconds, nanos) => {
    const { created_at: at } = deal.roundTrip(`{"created_at":${text}}`) as {
      created_at: { seconds?: string; nanos?: number };
    };
    expect(at.seconds).toBe(seconds);
    expect(at.nanos ?? 0).toBe(nanos ?? 0);
  });

  it.each([
    ["id", "9223372036854775808"],
    ["id", "-9223372036854775809"],
    ["id", "99999999999999999999999"],
    ["id", "-0"],
    ["id", "1.0"],
    ["id", '"7"'],
    ["hot", "1"],
    ["name", "7"],
    ["name", '"\\ud800"'],
    ["name", '{"a":1}'],
    ["value", '"12,50"'],
    ["value", '"+5"'],
    ["value", '" 5"'],
    ["value", "1e9999"],
    ["value", "true"],
    ["value", "[1]"],
    ["created_at", '"yesterday"'],
    ["created_at", "7"],
    ["created_at", '"0000-00-00"'],
    ["created_at", '"0000-01-01T00:00:00Z"'],
    ["created_at", '"0001-01-01T00:00:00+00:01"'],
    ["created_at", '"9999-12-31T23:59:59-00:01"'],
    ["created_at", '"2026-01-01T00:00:00"'],
    ["created_at", '"2026-01-01T00:00:00.1234567891Z"'],
    ["created_at", '"2026-02-30T00:00:00Z"'],
    ["created_at", '"2026-01-01T24:00:00Z"'],
    ["created_at", '"2026-01-01T00:00:60Z"'],
    ["created_at", '"2026-01-01T00:00:00+24:00"'],
    ["tags", "null"],
    ["tags", '["a",null]'],
    ["tags", '["a",7]'],
    ["tags", '{"a":1}'],
    ["custom_fields", "null"],
    ["custom_fields", "[]"],
    ["associated_contacts", '{"surprise":1}'],
    ["associated_contacts", "[]"],
    ["unknown", "null"],
    ["unknown", "1.0"],
    ["extra", '{"own":true}'],
    ["constructor", '"x"'],
  ])("keep %s = %s as it came, in extra", (name, text) => {
    expect(deal.roundTrip(`{ "${name}" : ${text} }`)).toEqual({
      extra: { [name]: text },
    });
  });

  it("hold members of a map as JSON text, whatever their names", () => {
    expect(
      deal.roundTrip(
        '{"custom_fields":{";1234": 1.0,"a.b":null,"größe":["x"],"":{}}}',
      ),
    ).toEqual({
      custom_fields: {
        ";1234": "1.0",
        "a.b": "null",
        größe: '["x"]',
        "": "{}",
      },
    });
  });

  it("hold lists of numbers and of records", () => {
    expect(
      call.roundTrip('{"associated_deal_ids":[1,300,-1,9223372036854775807]}'),
    ).toEqual({
      associated_deal_ids: ["1", "300", "-1", "9223372036854775807"],
    });
    const prices = '[{"amount":"1.50","currency":"EUR"},{"amount":2}]';
    expect(product.roundTrip(`{"prices":${prices}}`)).toEqual({
      prices: [{ amount: "1.50", currency: "EUR" }, { amount: "2" }],
    });
    for (const other of ['[{"amount":"x"}]', "[null]", '[{"amount":1,"n":1}]'])
      expect(product.roundTrip(`{"prices":${other}}`)).toEqual({
        extra: { prices: other },
      });
  });

  it("hold nothing for null and for an empty list", () => {
    expect(
      contact.roundTrip('{"id":null,"address":null,"tags":[],"name":null}'),
    ).toEqual({});
    expect(contact.roundTrip('{"address":{}}')).toEqual({ address: {} });
  });

  it("hold the last one of several members with one name", () => {
    expect(
      deal.roundTrip('{"tags":["a"],"id":1,"tags":["b"],"id":"x"}'),
    ).toEqual({ tags: ["b"], extra: { id: '"x"' } });
  });

  it("have no place for what a message without extra does not know", () => {
    const strict = codec(
      'syntax = "proto2"; message Strict { required int32 id = 1; optional string name = 2; }',
    );
    expect(strict.misfit('{"id":1,"x":2}')).toBe("x");
    expect(strict.misfit('{"name":"a"}')).toBe("id");
    expect(strict.misfit('{"id":2147483648}')).toBe("id");
    expect(strict.roundTrip('{"id":-2147483648,"name":"a"}')).toEqual({
      id: -2147483648,
      name: "a",
    });
  });

  it("take no value for a field of a type that could change it", () => {
    const odd = codec(`syntax = "proto3";
      enum Kind { NONE = 0; }
      message Odd {
        double amount = 1; float small = 2; bytes raw = 3; Kind kind = 4;
        map<string, int64> counts = 5; repeated double list = 6;
        oneof either { string left = 7; string right = 8; }
        uint64 large = 9; uint32 less = 10; repeated uint32 few = 11 [packed = false];
      }`);
    for (const member of ["amount", "small", "raw", "kind", "counts", "list"])
      expect(odd.misfit(`{"${member}":1}`)).toBe(member);
    expect(odd.misfit('{"left":"a"}')).toBe("left");
    expect(odd.misfit('{"large":-1}')).toBe("large");
    expect(odd.misfit('{"less":4294967296}')).toBe("less");
    expect(
      odd.roundTrip(
        '{"large":18446744073709551615,"less":4294967295,"few":[1,2],"amount":null}',
      ),
    ).toEqual({ large: "18446744073709551615", less: 4294967295, few: [1, 2] });
  });

  it("hold messages within themselves, as an operator may define them", () => {
    const tree = codec(
      'syntax = "proto3"; message Tree { string name = 1; repeated Tree parts = 2; }',
    );
    expect(
      tree.roundTrip('{"name":"a","parts":[{"name":"b","parts":[{}]}]}'),
    ).toEqual({ name: "a", parts: [{ name: "b", parts: [{}] }] });
  });
});

const valueText = fc.oneof(
  { weight: 3, arbitrary: anyJsonText },
  fc.constantFrom('"2026-11-24T10:00:00.1234567Z"', '"\\ud800"', '"12.50"'),
);

it.each(typesWithSchema())(
  "any %s is written with its message, and each member is there: typed, or digit for digit in extra",
  (type) => {
    const own = codec(protoText(type, "row"));
    const names = own.fields.filter((name) => name !== "extra");
    // protobufjs reads a map's member of the name __proto__ into the map's prototype.
    const unknown = fc.string().filter((one) => one !== "__proto__");
    const name = fc.oneof(fc.constantFrom(...names), unknown);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, valueText), { selector: ([one]) => one }),
        (members) => {
          const text = `{${members.map(([one, value]) => `${JSON.stringify(one)}: ${value}`).join(", ")}}`;
          const row = own.roundTrip(text) ?? {};
          const extra = (row["extra"] ?? {}) as Record<string, string>;
          for (const [member, value] of members)
            if (Object.hasOwn(extra, member)) expect(extra[member]).toBe(value);
            else if (!["null", "[]", "{}"].includes(value))
              expect(Object.hasOwn(row, member), member).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  },
);
