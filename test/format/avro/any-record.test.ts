// Any record is written with its Avro schema, with each member in its column or digit for digit in extra.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  schemaText,
  type AvroField,
} from "../../../src/format/avro/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { avroRows } from "../../support/avro-rows.ts";
import { anyJsonText } from "../../support/json-texts.ts";

const valueText = fc.oneof(
  { weight: 3, arbitrary: anyJsonText },
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
    const { roundTrip } = avroRows(schema);
    const name = fc.oneof(fc.constantFrom(...names, "__proto__"), fc.string());
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, valueText), { selector: ([one]) => one }),
        (members) => {
          const text = `{${members.map(([one, value]) => `${JSON.stringify(one)}: ${value}`).join(", ")}}`;
          const row = roundTrip(text);
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
