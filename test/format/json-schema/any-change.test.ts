// Proves that a `json-schema` value is the head and the very bytes of the `json` format, and that its schema accepts them.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import { jsonSchemaText } from "../../../src/format/json-schema/schemas.ts";
import { createValidator } from "../../../src/format/json-schema/validator.ts";
import { envelopeNames } from "../../../src/format/names.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../../src/format/schema-files.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { serving } from "../../support/http/local-server.ts";
import { change } from "../../support/builders.ts";

const SCHEMA_ID = 305_419_896;

/** JSON text of any value, with numbers that no double holds among them. */
const valueText = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.constantFrom("1.0", "1e400", "-0", '"\\ud800"', '"12.50"', "null"),
);

/** Any members, those that the schema of the type describes among them. */
function dataOf(type: string): fc.Arbitrary<Buffer> {
  const { fields } = JSON.parse(readRowSchema(type)) as {
    fields: { name: string }[];
  };
  const name = fc.oneof(
    fc.constantFrom(...fields.map((field) => field.name)),
    fc.string(),
  );
  return fc
    .array(fc.tuple(name, valueText))
    .map((members) =>
      Buffer.from(
        `{ ${members.map(([one, text]) => `${JSON.stringify(one)} : ${text}`).join(",\n")} }`,
      ),
    );
}

const changes = fc
  .constantFrom(...typesWithSchema(), "hologram")
  .chain((type) =>
    fc.record({
      type: fc.constant(type),
      data: dataOf(type === "hologram" ? "generic" : type),
      op: fc.constantFrom("c" as const, "u" as const, "d" as const),
      id: fc.option(fc.string()),
      revision: fc.option(fc.oneof(fc.maxSafeInteger(), fc.bigInt())),
      eventType: fc.option(fc.string()),
      sourceTimeMs: fc.option(fc.integer()),
    }),
  )
  .map(change);

it.each(envelopeNames)(
  "any change as %s is what the json format writes, after the schema's id, and fits the schema",
  async (envelope) => {
    await using server = await serving(({ url = "" }, response) => {
      if (!url.endsWith("/versions")) response.statusCode = 404;
      response.end(`{"id":${SCHEMA_ID}}`);
    });
    const encoderOf = (value: "json" | "json-schema") =>
      createEncoder({
        ...{ envelope, value, tombstones: true, topicPerType: true },
        origin: { version: "1", connectorName: "c", device: "d" },
        registry: new Registry({ url: server.url }),
        autoRegister: true,
        clock: systemClock,
      });
    const json = encoderOf("json");
    const jsonSchema = encoderOf("json-schema");
    const shape = envelope === "change" ? "envelope" : "row";
    const head = Buffer.from("0012345678", "hex");
    const validators = new Map<string, ReturnType<typeof createValidator>>();
    for (const type of [...typesWithSchema(), "hologram"]) {
      validators.set(type, createValidator(jsonSchemaText(type, shape)));
      await jsonSchema.prepare(type, type, AbortSignal.timeout(30_000));
    }
    fc.assert(
      fc.property(changes, (one) => {
        const plain = json.encode(one, one.type);
        const framed = jsonSchema.encode(one, one.type);
        expect(framed.map(({ value }) => value)).toEqual(
          plain.map(({ value }) =>
            value === null ? null : Buffer.concat([head, value]),
          ),
        );
        for (const { value } of plain)
          if (value !== null)
            expect(validators.get(one.type)?.(value)).toBeNull();
      }),
      { numRuns: 300 },
    );
    const [payload] = jsonSchema.encode(change(), "contact");
    if (envelope === "cloudevents")
      expect(payload?.headers).toMatchObject({
        "content-type": "application/json",
        ce_dataschema: `${server.url}/schemas/ids/${SCHEMA_ID}`,
      });
  },
);
