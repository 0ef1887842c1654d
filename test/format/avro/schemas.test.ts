// There is a schema for each resource type, with a column for each of its documented fields.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../../../src/format/avro/long.ts";
import {
  schemaText,
  type AvroSchema,
} from "../../../src/format/avro/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { avroRows } from "../../support/avro-rows.ts";

const transcribed = new Map(
  readFileSync(
    new URL("../../fixtures/sell-fields.txt", import.meta.url),
    "utf8",
  )
    .split("\n")
    .filter((line) => /^\w+:/.test(line))
    .map((line) => {
      const [type = "", members = ""] = line.split(": ");
      return [type, members.split(", ")] as const;
    }),
);

interface RecordSchema {
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: AvroSchema;
    readonly default?: unknown;
  }[];
}

const schemaOf = (type: string) =>
  JSON.parse(schemaText(type, "row")) as RecordSchema;

/** The letter that stands for a field's kind in the transcription. */
function kindOf(type: AvroSchema): string {
  const [empty, kind] = type as [string, AvroSchema];
  expect(empty).toBe("null");
  const plain = { long: "i", string: "s", boolean: "b", Address: "a" };
  if (typeof kind === "string") return plain[kind as keyof typeof plain];
  const { logicalType, items, values, name, precision, scale } = kind as {
    readonly [member: string]: unknown;
  };
  if (logicalType === "timestamp-micros") return "t";
  if (logicalType === "decimal") {
    expect([precision, scale]).toEqual([38, 9]);
    return "m";
  }
  if (name === "Address") return "a";
  if (values === "string") return "j";
  if (items === "string") return "S";
  if (items === "long") return "I";
  return "+";
}

describe("the Avro schemas", () => {
  it("exist for every resource type that is known", () => {
    expect([...typesWithSchema()].sort()).toEqual(
      [...transcribed.keys()].sort(),
    );
  });

  it.each([...transcribed])("type %s field by field", (type, members) => {
    const { fields, namespace } = schemaOf(type);
    expect(namespace).toBe("com.zendesk.sell");
    const known = fields.filter(({ name }) => name !== "extra");
    expect(
      known.map(({ name, type: kind }) => `${name} ${kindOf(kind)}`),
    ).toEqual(members);
    for (const field of known) expect(field.default).toBeNull();
    expect(fields.at(-1)).toMatchObject({
      name: "extra",
      type: { type: "map", values: "string" },
      default: {},
    });
  });

  it("have a place of its own for everything that the simulator sends", async () => {
    await using simulator = await Simulator.start({ records: 2_000 });
    const { world } = simulator;
    const seen = new Set<string>();
    for (let place = 0; place < world.size; place++) {
      const { type } = world.state(place);
      seen.add(type);
      const schema = JSON.parse(schemaText(type, "row")) as AvroSchema;
      expect(avroRows(schema).roundTrip(world.data(place))).toHaveProperty(
        "extra",
        {},
      );
    }
    expect([...seen].sort()).toEqual([...typesWithSchema()].sort());
  });

  it("are wrapped into an envelope by the names that Debezium looks for", () => {
    const envelope = JSON.parse(schemaText("deal", "envelope")) as RecordSchema;
    expect(`${envelope.namespace}.${envelope.name}`).toBe(
      "com.zendesk.sell.deal.Envelope",
    );
    expect(envelope.fields.map(({ name }) => name)).toEqual([
      "before",
      "after",
      "source",
      "op",
      "ts_ms",
    ]);
    expect(envelope.fields[0]?.type).toMatchObject([
      "null",
      { name: "Value", namespace: "com.zendesk.sell.deal" },
    ]);
    expect(envelope.fields[1]?.type).toEqual([
      "null",
      "com.zendesk.sell.deal.Value",
    ]);
    for (const type of [...typesWithSchema(), null])
      expect(() =>
        compile(JSON.parse(schemaText(type, "envelope")) as AvroSchema),
      ).not.toThrow();
  });

  it("read envelopes that were written before source.db and source.table were added", () => {
    const now = schemaText("note", "envelope");
    const before = now
      .replace('{"name":"db","type":"string","default":""},', "")
      .replace('{"name":"table","type":"string","default":""},', "");
    expect(before).not.toBe(now);
    const [written, read] = [before, now].map((text) =>
      compile(JSON.parse(text) as AvroSchema),
    );
    if (written === undefined || read === undefined) throw new Error();
    const source = {
      ...{ version: "1", connector: "zendesk-sell", name: "sell", ts_ms: null },
      ...{ type: "note", id: "1", revision: null, event_type: null },
      ...{ ack_key: null, session: "s", device: "d" },
    };
    const value = { before: null, after: null, source, op: "d", ts_ms: 1n };
    expect(
      read.fromBuffer(written.toBuffer(value), read.createResolver(written)),
    ).toMatchObject({ source: { name: "sell", db: "", table: "" } });
  });

  it("fall back to the generic one for other types", () => {
    const generic = JSON.parse(schemaText("hologram", "row")) as RecordSchema;
    expect(generic.fields.map(({ name, type }) => [name, type])).toEqual([
      ["id", "string"],
      ["data", "string"],
    ]);
  });
});
