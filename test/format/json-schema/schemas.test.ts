// Proves what the JSON Schemas describe, and that they constrain no member of a record.
import { describe, expect, it } from "vitest";
import { jsonSchemaText } from "../../../src/format/json-schema/schemas.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../../src/format/schema-files.ts";
import { sourceFields } from "../../../src/format/source.ts";

interface Schema {
  readonly $schema?: string;
  readonly title: string;
  readonly type: string;
  readonly properties: Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  readonly required?: readonly string[];
  readonly additionalProperties: object;
  readonly definitions?: { readonly Value: Schema };
}

const schemaOf = (type: string | null, shape: "row" | "envelope") =>
  JSON.parse(jsonSchemaText(type, shape)) as Schema;

describe("the JSON Schemas", () => {
  it.each(typesWithSchema())(
    "describe each member of a %s, and constrain none",
    (type) => {
      const { fields } = JSON.parse(readRowSchema(type)) as {
        fields: { name: string }[];
      };
      const row = schemaOf(type, "row");
      expect(row).toMatchObject({
        $schema: "http://json-schema.org/draft-07/schema#",
        title: `com.zendesk.sell.${type}.Value`,
        type: "object",
        additionalProperties: {},
      });
      expect(row.required).toBeUndefined();
      expect(Object.keys(row.properties)).toEqual(
        fields.map(({ name }) => name).filter((name) => name !== "extra"),
      );
      for (const property of Object.values(row.properties))
        expect(property).toEqual({
          description: expect.stringMatching(/^An? .*\.$/) as string,
        });
    },
  );

  it("say what a field usually holds", () => {
    const { properties } = schemaOf("contact", "row");
    const words = (name: string) => properties[name]?.["description"];
    expect(words("id")).toBe("An integer.");
    expect(words("created_at")).toBe("A date and time.");
    expect(words("tags")).toBe("A list, each element a string.");
    expect(words("billing_address")).toBe(words("address"));
    expect(words("address")).toContain("postal_code (a string)");
    expect(schemaOf("deal", "row").properties["value"]).toEqual({
      description: "A number, or a string of one.",
    });
  });

  it("take any object for a type that has none of its own", () => {
    for (const type of [null, "hologram"])
      expect(schemaOf(type, "row")).toMatchObject({
        title: "com.zendesk.sell.generic.Value",
        properties: {},
        additionalProperties: {},
      });
  });

  it("have the record of a change envelope within", () => {
    const { title, properties, definitions, required } = schemaOf(
      "deal",
      "envelope",
    );
    expect(title).toBe("com.zendesk.sell.deal.Envelope");
    expect(required).toEqual(["before", "after", "source", "op", "ts_ms"]);
    expect(schemaOf("deal", "row")).toMatchObject({ ...definitions?.Value });
    const source = properties["source"] as unknown as Schema;
    const names = sourceFields.map(({ name }) => name);
    expect(Object.keys(source.properties)).toEqual(names);
    // Values of the first version have neither, and stay valid.
    expect(source.required).toEqual(
      names.filter((name) => name !== "db" && name !== "table"),
    );
  });
});
