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
    const read = rowReader(schema);
    const avro = compile(schema);
    const name = fc.oneof(fc.constantFrom(...names, "__proto__"), fc.string());
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
