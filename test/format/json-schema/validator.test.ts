// Proves which schemas of operators can be used, and what their validators say.
import { describe, expect, it } from "vitest";
import { createValidator } from "../../../src/format/json-schema/validator.ts";

const own = {
  type: "object",
  properties: { id: { type: "integer" } },
  required: ["id"],
};

function misfit(schema: unknown, value: string): string | null {
  return createValidator(JSON.stringify(schema))(Buffer.from(value));
}

describe("an operator's JSON Schema", () => {
  it.each([
    undefined,
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
  ])("of the draft %s tells where a value does not fit", ($schema) => {
    const schema = { $schema, ...own };
    expect(misfit(schema, '{"id":1,"more":true}')).toBeNull();
    expect(misfit(schema, '{"id":"1"}')).toBe("/id must be integer");
    expect(misfit(schema, "{}")).toMatch(/^its root must have .*'id'$/);
  });

  it("may use a keyword of its draft", () => {
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    const schema = { $schema, prefixItems: [{ type: "string" }] };
    expect(misfit(schema, '["a",1]')).toBeNull();
    expect(misfit(schema, "[1]")).toBe("/0 must be string");
  });

  it("may have keywords and formats of other tools, and be asynchronous", () => {
    const name = { type: "string", format: "phone", "connect.index": 0 };
    const schema = { $async: true, ...own, properties: { name }, required: [] };
    expect(misfit(schema, '{"name":"x"}')).toBeNull();
    expect(misfit(schema, '{"name":1}')).toBe("/name must be string");
  });

  it("takes a number beyond a double's range for a number", () => {
    expect(misfit({ type: "number" }, "1e400")).toBeNull();
  });

  it.each([true, false])("may be %s", (schema) => {
    expect(misfit(schema, "{}") === null).toBe(schema);
  });

  it.each([null, 7, "text", [], { type: "nonsense" }, { $ref: "#/nowhere" }])(
    "can't be %j",
    (schema) => {
      expect(() => createValidator(JSON.stringify(schema))).toThrow();
    },
  );
});
