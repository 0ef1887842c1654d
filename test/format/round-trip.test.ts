// Proves for each format with schemas that what is read back of any record is what Sell sent, by audit's notion of equal.
import fc from "fast-check";
import { expect, it } from "vitest";
import { createEncoder } from "../../src/format/create-encoder.ts";
import { bodyOf } from "../../src/format/schema-registry/frame.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../src/format/schema-files.ts";
import {
  registeredFormatNames,
  schemasOf,
} from "../../src/format/value-formats.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { change } from "../support/builders.ts";
import { serving } from "../support/http/local-server.ts";
import { anyJsonText } from "../support/json-texts.ts";

const texts = fc.oneof(
  { weight: 3, arbitrary: anyJsonText },
  fc.constantFrom(
    ...["null", "[]", "{}", '""', "1.0", "-0", '"1000.50"', '"\\ud800"'],
    ...['"2026-11-23T10:00:00Z"', '"2026-11-23T10:00:00.123456789+02:00"'],
    ...['"0000-00-00"', "[1,null]", '["a"]', '{"a":1.0,"b":null}'],
    ...['{"line1":"x","city":null}', '[{"amount":"1.50"},{}]'],
  ),
);

function recordsOf(type: string): fc.Arbitrary<Buffer> {
  const { fields } = JSON.parse(readRowSchema(type)) as {
    fields: { name: string }[];
  };
  const name = fc.oneof(
    fc.constantFrom(...fields.map((field) => field.name)),
    // avsc reads a map's member of the name __proto__ into the map's prototype.
    fc.string().filter((one) => one !== "__proto__"),
  );
  return fc
    .uniqueArray(fc.tuple(name, texts), { selector: ([one]) => one })
    .map((members) =>
      Buffer.from(
        `{ ${members.map(([one, text]) => `${JSON.stringify(one)} :${text}`).join(" , ")} }`,
      ),
    );
}

const cases = registeredFormatNames.flatMap((format) =>
  (["change", "flat"] as const).map((envelope) => ({ format, envelope })),
);

it.each(cases)(
  "any record as $format in $envelope is read back as what Sell sent",
  async ({ format, envelope }) => {
    await using server = await serving(({ method }, response) => {
      if (method === "GET") response.statusCode = 404;
      response.end('{"id":1}');
    });
    const encoder = createEncoder({
      ...{ envelope, value: format, tombstones: true, topicPerType: true },
      origin: { version: "1", connectorName: "c", device: "d" },
      registry: new Registry({ url: server.url }),
      autoRegister: true,
      clock: systemClock,
    });
    const shape = envelope === "change" ? "envelope" : "row";
    for (const type of [...typesWithSchema(), "generic"]) {
      const schemas = schemasOf(format);
      const reader = await schemas?.createReader(
        schemas.text(type, shape),
        null,
      );
      await encoder.prepare(type, type, AbortSignal.timeout(30_000));
      fc.assert(
        fc.property(recordsOf(type), (data) => {
          const [payload] = encoder.encode(change({ type, data }), type);
          const body = bodyOf(payload?.value ?? Buffer.alloc(0));
          expect(reader?.read(body)).toBe(reader?.canonical(data));
        }),
        { numRuns: 15 },
      );
    }
  },
);
