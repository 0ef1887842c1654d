// Any record is written with its Avro schema, with each member in its column or digit for digit in extra.
import fc from "fast-check";
import { expect, it } from "vitest";
import { compile } from "../../../src/format/avro/long.ts";
import { rowReader } from "../../../src/format/avro/rows.ts";
import {
  schemaText,
  type AvroField,
} from "../../../src/format/avro/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";

/** JSON text of any value, with numbers that no double holds among them. */
const valueText = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(0|[1-9]\d{0,45})(\.\d{1,15})?([eE][+-]?\d{1,3})?$/),
  fc.constantFrom('"2026-11-24T10:00:00.1234567Z"', '"\\ud800"', '"12.50"'),
);

it.each(typesWithSchema())(
  "any %s is written with its schema, and each member is there: typed, or digit for digit in extra",
  (type) => {
    const schema = JSON.parse(schemaText(type, "row")) as {
      type: "record";
      fields: AvroField[];
    };
    const names = schema.fields
      .map(({ name }) => name)
      .filter((name) => name !== "extra");
    const read = rowReader(schema);
    const avro = compile(schema);
    // avsc reads a map's member of the name __proto__ into the map's prototype.
    const unknown = fc.string().filter((one) => one !== "__proto__");
    const name = fc.oneof(fc.constantFrom(...names), unknown);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, valueText), { selector: ([one]) => one }),
        (members) => {
          const text = `{${members.map(([one, value]) => `${JSON.stringify(one)}: ${value}`).join(", ")}}`;
          const row = avro.fromBuffer(
            avro.toBuffer(read(Buffer.from(text))),
          ) as Record<string, unknown> & { extra: Record<string, string> };
          for (const [member, value] of members) {
            if (Object.hasOwn(row.extra, member))
              expect(row.extra[member]).toBe(value);
            else if (value !== "null") expect(row[member]).not.toBeNull();
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);
