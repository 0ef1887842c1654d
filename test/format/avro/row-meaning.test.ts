// An Avro row says what Sell's JSON says.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowMeaning } from "../../../src/format/avro/row-meaning.ts";
import {
  schemaText,
  type AvroSchema,
} from "../../../src/format/avro/schemas.ts";
import { avroRows } from "../../support/avro-rows.ts";

const schema = JSON.parse(schemaText("deal", "row")) as AvroSchema;
const { roundTrip } = avroRows(schema);
const meaning = rowMeaning(schema);

/** What Avro keeps of a record's JSON. */
function kept(text: string): string {
  return meaning.ofRow(roundTrip(text));
}

const sent = (text: string) => meaning.ofJson(Buffer.from(text));

const names = fc.constantFrom(
  "id",
  "name",
  "value",
  "hot",
  "tags",
  "custom_fields",
  "created_at",
  "estimated_close_date",
  "extra",
  "constructor",
  "surprise",
);
const texts = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    "1.0",
    "1e2",
    "-0",
    "9223372036854775807",
    "9223372036854775808",
    '"1000.50"',
    "1000.5",
    '"2026-11-23T10:00:00Z"',
    '"2026-11-23T10:00:00.123456+02:00"',
    '"\\ud800"',
    '{"Region":"EMEA","n":1.0,"none":null}',
    '{"__proto__":"EMEA"}',
    '["a","b"]',
    "null",
  ),
);
const records = fc
  .uniqueArray(fc.tuple(names, texts), { selector: ([name]) => name })
  .map(
    (members) =>
      `{${members.map(([name, text]) => `"${name}":${text}`).join(",")}}`,
  );

describe("what an Avro row says", () => {
  it("is what Sell's JSON says, whatever that is", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(kept(record)).toBe(sent(record));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"id":1,"value":"10.00"}', '{"value":10,"id":1}'],
    ['{"id":1,"name":null}', '{"id":1}'],
    [
      '{"created_at":"2026-11-23T10:00:00Z"}',
      '{"created_at":"2026-11-23T12:00:00+02:00"}',
    ],
  ])("takes %s for %s", (record, other) => {
    expect(kept(record)).toBe(sent(other));
  });

  it.each([
    ['{"id":1}', '{"id":2}'],
    ['{"value":"10.01"}', '{"value":10}'],
    ['{"name":"a"}', "{}"],
    ['{"surprise":1.0}', '{"surprise":1}'],
    ['{"surprise":null}', "{}"],
    ['{"custom_fields":{"a":"1"}}', '{"custom_fields":{"a":1}}'],
    ['{"tags":["a","b"]}', '{"tags":["b","a"]}'],
    [
      '{"created_at":"2026-11-23T10:00:00Z"}',
      '{"created_at":"2026-11-23T10:00:01Z"}',
    ],
  ])("tells %s from %s", (record, other) => {
    expect(kept(record)).not.toBe(sent(other));
  });
});
