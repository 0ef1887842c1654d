// A Protobuf row says what Sell's JSON says.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsedFile } from "../../../src/format/protobuf/parsed.ts";
import { protobufReader } from "../../../src/format/protobuf/protobuf-reader.ts";
import { rowWriter } from "../../../src/format/protobuf/row-writer.ts";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";

/** What Protobuf keeps of a record's JSON, and what its JSON says. */
function meaning(text: string) {
  const file = parsedFile(text);
  const [type] = file.messages;
  if (type === undefined) throw new Error();
  const write = rowWriter(type, file);
  const reader = protobufReader(text, null);
  return {
    kept(json: string): string | null {
      const out = new WireWriter();
      out.varint(0);
      expect(write(out, Buffer.from(json))).toBeNull();
      return reader.read(out.written());
    },
    sent: (json: string) => reader.canonical(Buffer.from(json)),
  };
}

const deal = meaning(protoText("deal", "row"));
const product = meaning(protoText("product", "row"));

const names = fc.constantFrom(
  ...["id", "name", "value", "hot", "tags", "custom_fields", "created_at"],
  ...["associated_contacts", "estimated_close_date", "extra", "constructor"],
  ...["surprise", "__proto__"],
);
const texts = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    ...["1.0", "1e2", "-0", "9223372036854775807", "9223372036854775808"],
    ...['"1000.50"', "1000.5", '"0.10e3"', "true", "null", "[]", "{}", '""'],
    '"2026-11-23T10:00:00Z"',
    '"2026-11-23T10:00:00.123456789+02:00"',
    '"\\ud800"',
    '{"Region":"EMEA","n":1.0,"none":null,"__proto__":[1]}',
    '["a","b"]',
    '["a",null]',
    '{"meta":{"type":"collection","count":null}}',
    '{"meta":{"surprise":1}}',
  ),
);
const records = fc
  .uniqueArray(fc.tuple(names, texts), { selector: ([name]) => name })
  .map(
    (members) =>
      `{${members.map(([name, text]) => `"${name}" :${text}`).join(",")}}`,
  );

describe("what a Protobuf row says", () => {
  it("is what Sell's JSON says, whatever that is", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(deal.kept(record)).toBe(deal.sent(record));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['{"id":1,"value":"10.00"}', '{"value":10,"id":1}'],
    ['{"value":"0012.50"}', '{"value":0.125e2}'],
    ['{"value":"-0.0"}', '{"value":0}'],
    ['{"id":1,"name":null}', '{"id":1}'],
    ['{"tags":[]}', "{}"],
    ['{"custom_fields":{}}', "{}"],
    ['{"associated_contacts":{"meta":null}}', '{"associated_contacts":{}}'],
    [
      '{"created_at":"2026-11-23T10:00:00Z"}',
      '{"created_at":"2026-11-23T12:00:00+02:00"}',
    ],
  ])("takes %s for %s", (record, other) => {
    expect(deal.kept(record)).toBe(deal.sent(other));
  });

  it.each([
    ['{"id":1}', '{"id":2}'],
    ['{"id":0}', "{}"],
    ['{"name":""}', "{}"],
    ['{"hot":false}', "{}"],
    ['{"value":"10.01"}', '{"value":10}'],
    ['{"value":"-1"}', '{"value":1}'],
    ['{"name":"a"}', "{}"],
    ['{"name":"7"}', '{"name":7}'],
    ['{"surprise":1.0}', '{"surprise":1}'],
    ['{"surprise":null}', "{}"],
    ['{"tags":null}', "{}"],
    ['{"custom_fields":null}', "{}"],
    ['{"custom_fields":{"a":"1"}}', '{"custom_fields":{"a":1}}'],
    ['{"associated_contacts":{}}', "{}"],
    ['{"tags":["a","b"]}', '{"tags":["b","a"]}'],
    [
      '{"created_at":"2026-11-23T10:00:00Z"}',
      '{"created_at":"2026-11-23T10:00:00.000000001Z"}',
    ],
  ])("tells %s from %s", (record, other) => {
    expect(deal.kept(record)).not.toBe(deal.sent(other));
  });

  it("reaches into lists of records", () => {
    const record =
      '{"prices":[{"amount":"1.50"},{"amount":2,"currency":"EUR"}]}';
    const same =
      '{"prices":[{"amount":1.5,"currency":null},{"currency":"EUR","amount":"2"}]}';
    expect(product.kept(record)).toBe(product.sent(same));
    expect(product.kept(record)).not.toBe(
      product.sent('{"prices":[{"amount":1.5}]}'),
    );
  });

  it("can't tell a default from nothing where an operator's field has no presence", () => {
    const own = meaning(
      'syntax = "proto3"; message Own { int32 id = 1; repeated uint32 few = 2; uint64 large = 3; }',
    );
    expect(own.kept('{"id":0}')).toBe(own.sent("{}"));
    const record = '{"id":-1,"few":[1,2],"large":18446744073709551615}';
    expect(own.kept(record)).toBe(own.sent(record));
  });
});

describe("the reader of Protobuf values", () => {
  it.each([
    ["another message of the file", "0202"],
    ["the end of a value", "000a05"],
    ["no index", ""],
  ])("refuses %s", (_, hex) => {
    const reader = protobufReader(protoText("deal", "envelope"), null);
    expect(() => reader.read(Buffer.from(hex, "hex"))).toThrow(RangeError);
  });

  it("refuses a text that is no schema, or needs files of others", () => {
    expect(() => protobufReader("no schema", null)).toThrow();
    expect(() => protobufReader('syntax = "proto3";', null)).toThrow(
      "no message",
    );
    expect(() =>
      protobufReader(
        'syntax = "proto3"; import "acme.proto"; message A { acme.B b = 1; }',
        null,
      ),
    ).toThrow("it imports acme.proto");
  });
});
