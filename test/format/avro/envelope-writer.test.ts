// An operator's envelope holds the record whatever unions it has around it, and of the rest what fits.
import fc from "fast-check";
import type { Type } from "avsc";
import { expect, it } from "vitest";
import { envelopeWriter } from "../../../src/format/avro/envelope-writer.ts";
import { compile } from "../../../src/format/avro/long.ts";
import type {
  AvroField,
  AvroSchema,
} from "../../../src/format/avro/schemas.ts";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";
import type { Change } from "../../../src/domain/change.ts";
import { change } from "../../support/builders.ts";

const row: AvroSchema = {
  ...{ type: "record", name: "Value" },
  fields: [{ name: "id", type: "long" }],
};
const origin = { version: "1", connectorName: "sell", device: "d" };

it.each<{ readonly type: AvroSchema }>([
  { type: row },
  { type: [row] },
  { type: ["null", row] },
  { type: [row, "null"] },
])("holds a record as $type", ({ type: after }) => {
  const type = compile({
    ...{ type: "record", name: "Envelope" },
    fields: [
      { name: "after", type: after },
      { name: "op", type: "string" },
    ],
  });
  const write = envelopeWriter(type, origin, (to) => {
    to.zigzag(7);
    return null;
  });
  const out = new WireWriter(2);
  expect(write(out, change({ op: "c" }))).toBeNull();
  expect(type.fromBuffer(out.written())).toMatchObject({
    ...{ after: { id: 7n }, op: "c" },
  });
});

/** Mostly types that take the value, with or without null. */
const typesFor = (plain: "string" | "long") =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom<AvroSchema>(plain, ["null", plain]),
    },
    fc.constantFrom<AvroSchema>([plain, "null"], ["null", "string", "long"]),
    fc.constantFrom<AvroSchema>("int", "double", "null", [plain]),
  );
const sourceTypes = fc.record({
  version: typesFor("string"),
  ts_ms: typesFor("long"),
  id: typesFor("string"),
  revision: typesFor("long"),
  ack_key: typesFor("string"),
});
const changes = fc
  .record({
    id: fc.option(fc.string({ unit: "binary" })),
    sourceTimeMs: fc.option(fc.maxSafeInteger()),
    takenAtMs: fc.maxSafeInteger(),
    revision: fc.option(
      fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 65n), 2n ** 65n)),
    ),
  })
  .map(change);

/** avsc throws at a bigint for an `int`. */
function isValid(type: Type, value: unknown): boolean {
  try {
    return type.isValid(value);
  } catch {
    return false;
  }
}

it("holds whole numbers and texts as avsc writes them, and defaults of other fields", () => {
  const property = (
    ofSource: Readonly<Record<string, AvroSchema>>,
    time: AvroSchema,
    hasMore: boolean,
    isNullable: boolean,
    of: Change,
  ) => {
    const fields: AvroField[] = Object.entries(ofSource).map(
      ([name, type]) => ({
        ...{ name, type },
      }),
    );
    if (hasMore) fields.push({ name: "more", type: "double", default: 0.5 });
    const source: AvroSchema = { type: "record", name: "Source", fields };
    const type = compile({
      ...{ type: "record", name: "Envelope" },
      fields: [
        { name: "rate", type: "double", default: 2 },
        { name: "source", type: isNullable ? ["null", source] : source },
        { name: "ts_ms", type: time },
      ],
    });
    const { revision } = of;
    const isFit =
      typeof revision !== "bigint" || BigInt.asIntN(64, revision) === revision;
    const number = (
      as: AvroSchema | undefined,
      value: number | bigint | null,
    ) =>
      value !== null && JSON.stringify(as).includes("long")
        ? BigInt(value)
        : value;
    const known = {
      rate: 2,
      source: {
        ...{ version: "1", id: of.id, ack_key: of.ackKey },
        ts_ms: number(ofSource["ts_ms"], of.sourceTimeMs),
        revision: number(ofSource["revision"], isFit ? revision : null),
      },
      ts_ms: number(time, of.takenAtMs),
    };
    const out = new WireWriter(2);
    const misfit = envelopeWriter(type, origin, () => null)(out, of);
    expect(misfit === null).toBe(isValid(type, known));
    if (misfit === null)
      expect(out.written().equals(type.toBuffer(known))).toBe(true);
  };
  const inputs = [
    sourceTypes,
    typesFor("long"),
    fc.boolean(),
    fc.boolean(),
    changes,
  ] as const;
  fc.assert(fc.property(...inputs, property));
});

it("does not take a source for a map", () => {
  const type = compile({
    ...{ type: "record", name: "Envelope" },
    fields: [{ name: "source", type: { type: "map", values: "string" } }],
  });
  const write = envelopeWriter(type, origin, () => null);
  const fault = write(new WireWriter(2), change({ revision: null }));
  expect(fault).toMatch(/^source/);
});

it("holds a source that may hold another one", () => {
  const source: AvroSchema = {
    ...{ type: "record", name: "Source" },
    fields: [
      { name: "version", type: "string" },
      { name: "earlier", type: ["null", "Source"], default: null },
    ],
  };
  const type = compile({
    ...{ type: "record", name: "Envelope" },
    fields: [{ name: "source", type: ["null", source] }],
  });
  const out = new WireWriter(2);
  expect(envelopeWriter(type, origin, () => null)(out, change())).toBeNull();
  expect(type.fromBuffer(out.written())).toMatchObject({
    source: { version: "1", earlier: null },
  });
});
