// Proves the frame and the envelope of `protobuf` values with any change, and what an operator's schema does.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordFault, TypeFault } from "../../../src/domain/faults.ts";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import type { Encoder } from "../../../src/format/encoder.ts";
import type { EnvelopeName } from "../../../src/format/names.ts";
import { parsedFile } from "../../../src/format/protobuf/parsed.ts";
import { protobufReader } from "../../../src/format/protobuf/protobuf-reader.ts";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { change } from "../../support/builders.ts";
import { serving } from "../../support/http/local-server.ts";

const SCHEMA_ID = 305_419_896;
const HEAD = Buffer.from("001234567800", "hex");
const soon = () => AbortSignal.timeout(30_000);

/** An encoder with a registry that takes every schema, or has an operator's one. */
async function encoderWith(envelope: EnvelopeName, own: string | null) {
  const server = await serving(({ url = "", method }, response) => {
    if (method === "GET" && (own === null || !url.endsWith("/latest")))
      response.statusCode = 404;
    response.end(
      JSON.stringify({ id: SCHEMA_ID, schemaType: "PROTOBUF", schema: own }),
    );
  });
  const encoder = createEncoder({
    ...{ envelope, value: "protobuf", tombstones: true, topicPerType: true },
    origin: { version: "1", connectorName: "größe", device: "d" },
    registry: new Registry({ url: server.url }),
    autoRegister: own === null,
    clock: systemClock,
  });
  return {
    url: server.url,
    encoder,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const changes = fc
  .record({
    type: fc.constantFrom(...typesWithSchema(), "hologram"),
    data: fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((data) => Buffer.from(JSON.stringify(data))),
    op: fc.constantFrom("c" as const, "u" as const, "d" as const),
    id: fc.option(fc.string({ unit: "grapheme" })),
    revision: fc.option(fc.oneof(fc.maxSafeInteger(), fc.bigInt())),
    eventType: fc.option(fc.string({ unit: "grapheme" })),
    sourceTimeMs: fc.option(fc.integer()),
  })
  .map(change);

describe("a value as protobuf", () => {
  it("is a change in Debezium's envelope, behind the id and the index 0", async () => {
    await using trial = await encoderWith("change", null);
    const { encoder } = trial;
    for (const type of [...typesWithSchema(), "hologram"])
      await encoder.prepare(type, type, soon());
    fc.assert(
      fc.property(changes, (one) => {
        const [first, second] = encoder.encode(one, one.type);
        const value = first?.value ?? Buffer.alloc(0);
        expect(value.subarray(0, 6)).toEqual(HEAD);
        const text = protoText(one.type, "envelope");
        const [type] = parsedFile(text).messages;
        const decoded = type?.toObject(type.decode(value.subarray(6)), {
          longs: String,
        });
        const isDelete = one.op === "d";
        const { revision, sourceTimeMs, eventType } = one;
        const fits =
          revision !== null &&
          BigInt.asIntN(64, BigInt(revision)) === BigInt(revision);
        expect(decoded).toEqual({
          [isDelete ? "before" : "after"]: expect.anything() as unknown,
          source: {
            ...{ version: "1", connector: "zendesk-sell", name: "größe" },
            ...(sourceTimeMs !== null && { ts_ms: String(sourceTimeMs) }),
            ...{ db: "größe", table: one.type, type: one.type },
            ...(one.id !== null && { id: one.id }),
            ...(fits && { revision: String(revision) }),
            ...(eventType !== null && { event_type: eventType }),
            ...{ ack_key: one.ackKey, session: one.session, device: "d" },
          },
          op: one.op,
          ts_ms: String(one.takenAtMs),
        });
        const reader = protobufReader(text, null);
        expect(reader.read(value.subarray(5))).toBe(
          isDelete ? null : reader.canonical(one.data),
        );
        expect(second?.value).toBe(isDelete ? null : undefined);
      }),
      { numRuns: 300 },
    );
  });

  it("is the record alone with flat and cloudevents", async () => {
    await using flat = await encoderWith("flat", null);
    await using events = await encoderWith("cloudevents", null);
    const one = change({ data: Buffer.from('{"id":7,"name":"Ada"}') });
    for (const { encoder } of [flat, events]) {
      await encoder.prepare("contact", "contact", soon());
      expect(encoder.encode(one, "contact")[0]?.value).toEqual(
        Buffer.concat([HEAD, Buffer.from("08073a03416461", "hex")]),
      );
    }
    expect(events.encoder.encode(one, "contact")[0]?.headers).toMatchObject({
      "content-type": "application/protobuf",
      ce_dataschema: `${events.url}/schemas/ids/${SCHEMA_ID}`,
    });
  });

  it("has no place for a key that UTF-8 can't hold", async () => {
    await using trial = await encoderWith("flat", null);
    const { encoder } = trial;
    await encoder.prepare("hologram", "hologram", soon());
    const one = change({ type: "hologram", id: "\ud800" });
    expect(() => encoder.encode(one, "hologram")).toThrow(RecordFault);
  });
});

describe("an operator's schema", () => {
  const encode = (encoder: Encoder, data: string) =>
    encoder.encode(change({ data: Buffer.from(data) }), "contact");

  it("gets the fields that it has, envelope and all, and defers what does not fit", async () => {
    const own = `syntax = "proto3";
      message Change { string op = 9; Person after = 3; Person before = 4; Origin source = 5; }
      message Person { string name = 1; }
      message Origin { optional int64 revision = 2; string name = 300; }`;
    await using trial = await encoderWith("change", own);
    const { encoder } = trial;
    await encoder.prepare("contact", "contact", soon());
    const [payload] = encode(encoder, '{"name":"Ada"}');
    const [type] = parsedFile(own).messages;
    expect(payload?.value?.subarray(0, 6)).toEqual(HEAD);
    expect(
      type?.toObject(type.decode(payload?.value?.subarray(6) ?? Buffer.of()), {
        longs: String,
      }),
    ).toEqual({
      op: "u",
      after: { name: "Ada" },
      source: { revision: "1", name: "größe" },
    });
    const long = `{"${"x".repeat(10_000)}":1}`;
    expect(() => encode(encoder, long)).toThrow(TypeFault);
    await encoder.prepare("contact", "contact", soon());
    expect(() => encode(encoder, long)).toThrow(/^.{0,500}$/);
    await encoder.prepare("contact", "contact", soon());
    expect(() => encode(encoder, '{"surprise":1}')).toThrow(
      'a contact record does not fit its schema at surprise (contact-value); register a schema that has a place for it, such as a field "extra"',
    );
  });

  it.each([
    ["flat", "no schema", "illegal token"],
    ["flat", 'syntax = "proto3";', "it has no message"],
    ["flat", 'import "acme.proto"; message A {}', "it imports acme.proto"],
    ["flat", "message A { optional Other b = 1; }", "no such"],
    [
      "change",
      "message A { optional string after = 1; }",
      'in its field "before"',
    ],
    [
      "change",
      "message A { optional A before = 1; optional A after = 2; optional int32 op = 3; }",
      "the field op of A is no string",
    ],
    [
      "change",
      "message A { optional A before = 1; optional A after = 2; optional string source = 3; }",
      "the field source of A is no message",
    ],
  ] as const)(
    "for %s that is %s is told to be unusable",
    async (envelope, own, why) => {
      await using trial = await encoderWith(envelope, own);
      await expect(
        trial.encoder.prepare("contact", "contact", soon()),
      ).rejects.toThrow(why);
    },
  );
});
