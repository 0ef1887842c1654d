// Proves for each format with schemas, envelope and layout that what is read back of any record is what Sell sent, by audit's notion of equal.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  unknownFields,
  type CustomField,
  type CustomFields,
} from "../../src/domain/custom-fields.ts";
import { createEncoder } from "../../src/format/create-encoder.ts";
import {
  envelopeNames,
  layoutNames,
  type EnvelopeName,
  type LayoutName,
  type ValueFormatName,
} from "../../src/format/names.ts";
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
import type { ColumnsLayout } from "../../src/format/value-format.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { change } from "../support/builders.ts";
import { serving } from "../support/http/local-server.ts";
import { anyJsonText } from "../support/json-texts.ts";

const texts = fc.oneof(
  { weight: 3, arbitrary: anyJsonText },
  fc.constantFrom(
    ...["null", "[]", "{}", '""', "1.0", "-0", '"1000.50"', '"\\ud800"'],
    ...['"2026-11-23T10:00:00Z"', '"2026-11-23T10:00:00.123456789+02:00"'],
    ...[`"${"9".repeat(60)}"`, "9".repeat(60)],
    ...['"4/27/2016"', '"2016-04-27"', '"4/28/2016 6:00"', '"12.5"'],
    ...['"0000-00-00"', "[1,null]", '["a"]', '{"a":1.0,"b":null}'],
    ...['{"line1":"x","city":null}', '[{"amount":"1.50"},{}]'],
  ),
);

const names = ["id", "cf_x", "", "日本語", "a.b", "x".repeat(300), "\ud800"];
const kinds = ["text", "number", "boolean", "date", "date-time"] as const;
const lists = ["choice", "choices", "address"] as const;

/** Definitions with names that a column can't have, of each kind. */
const odd: readonly CustomField[] = [...kinds, ...lists].flatMap((kind, at) =>
  names.map((name, place) => ({
    ...{ id: String(100 * at + place), resource: null, holders: "all", kind },
    name: at === 0 ? name : `${name} ${kind}`,
  })),
);

const customFields: CustomFields = { ...unknownFields, of: () => odd };

function recordsOf(type: string): fc.Arbitrary<Buffer> {
  const { fields } = JSON.parse(readRowSchema(type)) as {
    fields: { name: string }[];
  };
  const name = fc.oneof(
    fc.constantFrom(...fields.map((field) => field.name)),
    // avsc reads a map's member of the name __proto__ into the map's prototype.
    fc.string().filter((one) => one !== "__proto__"),
  );
  const custom = membersOf(
    fc.constantFrom(...odd.map((field) => field.name)),
    texts,
  );
  const member = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(name, texts) },
    fc.tuple(fc.constant("custom_fields"), custom),
  );
  return fc
    .uniqueArray(member, { selector: ([one]) => one })
    .map((members) => Buffer.from(objectOf(members)));
}

function membersOf(name: fc.Arbitrary<string>, text: fc.Arbitrary<string>) {
  return fc
    .uniqueArray(fc.tuple(name, text), { selector: ([one]) => one })
    .map(objectOf);
}

function objectOf(members: readonly (readonly [string, string])[]): string {
  return `{ ${members.map(([one, text]) => `${JSON.stringify(one)} :${text}`).join(" , ")} }`;
}

interface Case {
  readonly format: ValueFormatName;
  readonly envelope: EnvelopeName;
  readonly layout: LayoutName;
}

const cases: readonly Case[] = registeredFormatNames.flatMap((format) =>
  envelopeNames.flatMap((envelope) =>
    layoutNames.map((layout) => ({ format, envelope, layout })),
  ),
);

/** An encoder with a registry that takes every schema, and the reader of a type's values. */
async function trialOf(
  { format, envelope, layout }: Case,
  fields: CustomFields,
) {
  let registered = "";
  const server = await serving(({ method }, response, body) => {
    if (method === "GET") response.statusCode = 404;
    else
      registered = (JSON.parse(body.toString()) as { schema: string }).schema;
    response.end('{"id":1}');
  });
  const columns: ColumnsLayout | null =
    layout === "nested"
      ? null
      : { customFields: fields, schemaKept: () => undefined };
  const encoder = createEncoder({
    ...{ envelope, value: format, tombstones: true, topicPerType: true },
    ...{ columns, autoRegister: true, clock: systemClock },
    origin: { version: "1", connectorName: "c", device: "d" },
    registry: new Registry({ url: server.url }),
  });
  return {
    encoder,
    /** Prepares a type, and reads its values by the schema that was registered. */
    async readerOf(type: string) {
      await encoder.prepare(type, type, AbortSignal.timeout(30_000));
      const reader = await schemasOf(format)?.createReader(registered, fields);
      if (reader === undefined) throw new Error();
      return reader;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it.each(cases)(
  "any record as $format in $envelope and $layout is read back as what Sell sent",
  async (one) => {
    await using trial = await trialOf(one, customFields);
    for (const type of [...typesWithSchema(), "generic"]) {
      const reader = await trial.readerOf(type);
      fc.assert(
        fc.property(recordsOf(type), (data) => {
          const [payload] = trial.encoder.encode(change({ type, data }), type);
          const body = bodyOf(payload?.value ?? Buffer.alloc(0));
          expect(reader.read(body)).toBe(reader.canonical(data));
        }),
        { numRuns: 8 },
      );
    }
  },
);

it.each(registeredFormatNames)(
  "501 custom fields with odd names and values lose nothing as %s",
  async (format) => {
    const many = [
      ...odd,
      ...Array.from({ length: 501 }, (_, at): CustomField => ({
        ...{ id: String(10_000 + at), resource: null, holders: "all" },
        ...{ kind: kinds[at % kinds.length] ?? "text", name: `Field ${at}` },
      })),
    ];
    const known: CustomFields = { ...unknownFields, of: () => many };
    const one: Case = { format, envelope: "flat", layout: "columns" };
    await using trial = await trialOf(one, known);
    const reader = await trial.readerOf("contact");
    const values = ["9".repeat(60), '"0000-00-00"', '"x"', "null", "1.50"];
    for (const value of values) {
      const members = many.map(({ name }) => [name, value] as const);
      const data = Buffer.from(`{"custom_fields":${objectOf(members)}}`);
      const [payload] = trial.encoder.encode(change({ data }), "contact");
      const body = bodyOf(payload?.value ?? Buffer.alloc(0));
      const read = reader.read(body) ?? "";
      expect(read).toBe(reader.canonical(data));
      const missing = many.filter(
        ({ name }) => !read.includes(`${JSON.stringify(name)}:`),
      );
      if (value !== "null") expect(missing).toEqual([]);
    }
  },
);
