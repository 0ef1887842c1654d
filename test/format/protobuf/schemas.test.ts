// Proves that the .proto texts have a place for each field, and that field numbers stay as they are for ever.
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { fieldNumbers } from "../../../src/format/protobuf/field-numbers.ts";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../../src/format/schema-files.ts";
import { readDocument } from "../../support/documents/markdown.ts";

/** The numbers that were released, by message and field. */
const released = new Map(
  readDocument("test/fixtures/protobuf-numbers.txt")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [message = "", fields = ""] = line.split(": ");
      const numbers = fields.split(", ").map((field) => {
        const [name = "", number] = field.split(" ");
        return [name, Number(number)] as const;
      });
      return [message, Object.fromEntries(numbers)] as const;
    }),
);

const allTypes = [...typesWithSchema(), null];
const parse = (text: string) => protobuf.parse(text, { keepCase: true });

describe("the number of a field", () => {
  it.each([...released])("of %s is the one that was released", (name, own) => {
    expect(fieldNumbers(name)).toEqual(own);
    const numbers = Object.values(own);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("is reserved when its field is gone", () => {
    const text = protoText("tag", "row", (name) => ({
      ...{ gone: 900, gone_too: 901 },
      ...fieldNumbers(name),
    }));
    expect(text).toContain(
      '  reserved 900;\n  reserved 901;\n  reserved "gone";\n  reserved "gone_too";\n',
    );
  });

  it("is missed before it is given", () => {
    expect(() => protoText("tag", "row", () => ({}))).toThrow(
      "schemas/protobuf-numbers.json has no number for the field id of tag",
    );
  });

  it("is written down for each message", () => {
    const committed = JSON.parse(
      readDocument("schemas/protobuf-numbers.json"),
    ) as object;
    expect(Object.keys(committed)).toEqual([...released.keys()]);
  });
});

describe("the .proto texts", () => {
  it.each(typesWithSchema())("have each field of a %s", (type) => {
    const { fields } = JSON.parse(readRowSchema(type)) as {
      fields: { name: string }[];
    };
    const { root, package: name } = parse(protoText(type, "row"));
    expect(name).toBe(`com.zendesk.sell.${type}`);
    const message = root.lookupType(`${name ?? ""}.Value`);
    expect(message.fieldsArray.map((field) => field.name)).toEqual(
      fields.map((field) => field.name),
    );
    expect(message.fields["extra"]).toBeInstanceOf(protobuf.MapField);
  });

  it("have the value's message first, alone at the top, for the index 0", () => {
    for (const type of allTypes)
      for (const [shape, first] of [
        ["row", "Value"],
        ["envelope", "Envelope"],
      ] as const) {
        const { root, package: name } = parse(protoText(type, shape));
        const { nestedArray } = root.lookup(name ?? "") as protobuf.Namespace;
        expect(nestedArray.map((one) => one.name)).toEqual([first]);
      }
  });

  it("say money as text, times as Timestamp, and tell null from a default", () => {
    const text = protoText("deal", "row");
    expect(text).toContain("optional string value = 5;");
    expect(text).toContain("optional int64 id = 1;");
    expect(text).toContain("optional bool hot = 7;");
    expect(text).toContain("google.protobuf.Timestamp created_at = 22;");
    expect(text).toContain("repeated string tags = 20;");
    expect(text).toContain("map<string, string> custom_fields = 21;");
    expect(text).toContain("map<string, string> extra = 27;");
    expect(protoText("product", "row")).toContain(
      "repeated Price prices = 10;",
    );
    expect(
      protoText("product", "row").match(/optional string amount = 1;/g),
    ).toHaveLength(1);
  });

  it("import what they use, and nothing else", () => {
    for (const type of allTypes)
      for (const shape of ["row", "envelope"] as const) {
        const text = protoText(type, shape);
        expect(text.includes("import ")).toBe(text.includes(" google."));
      }
  });

  it("fall back to the generic one for other types", () => {
    expect(protoText("hologram", "row")).toBe(protoText(null, "row"));
    expect(protoText(null, "row")).toContain(
      "  string id = 1;\n  string data = 2;\n",
    );
  });
});
