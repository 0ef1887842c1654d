// Proves values as `protobuf` with a real Kafka, a real registry, protoc and confluent-kafka's deserializer.
import { randomUUID } from "node:crypto";
import { describe, expect, inject, it } from "vitest";
import { protoText } from "../../../src/format/protobuf/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { schemaIdIn } from "../../../src/format/schema-registry/frame.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import type { SchemaKind } from "../../../src/format/schema-registry/schema.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import {
  command,
  drainIntoOneTopic,
  expectRegisteredAhead,
  firstAckKey,
  replayOne,
  setCompatibility,
  soon,
} from "../../support/process/format-trials.ts";
import { trialOf } from "../../support/process/connector.ts";
import type { Row } from "../../support/python/fastavro.ts";
import { readWithProtobufDeserializer } from "../../support/python/protobuf-deserializer.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const url = servers?.registryUrl ?? "";
const available = servers !== null && inject("python") !== null;

const flat = { value: "protobuf", envelope: "flat" };

async function register(subject: string, text: string, kind: SchemaKind) {
  return new Registry({ url }).register(subject, { kind, text }, soon());
}

/** Parses JSON; TypeScript does not know yet that a reviver sees the text of a number. */
const parseBy = JSON.parse as (
  text: string,
  revive: (name: string, value: unknown, from: { source: string }) => unknown,
) => unknown;

/** Parses JSON with its numbers digit for digit, as texts. */
function parsed(text: string): unknown {
  return parseBy(text, (_, value, { source }) =>
    typeof value === "number" ? source : value,
  );
}

/** The fields of a type that follow a word of its .proto text. */
function fieldsAfter(word: RegExp, type: string): ReadonlySet<string> {
  const found = protoText(type, "row").matchAll(
    new RegExp(`^  ${word.source}.* (\\w+) = `, "gm"),
  );
  return new Set([...found].map(([, name = ""]) => name));
}

/** What Sell's record is when it is read, with the values of JSON texts in place of the texts. */
function expected(sent: Row, type: string): Row {
  const lists = fieldsAfter(/(?:repeated|map<)/, type);
  const nulls = Object.entries(sent).filter(
    ([name, value]) => value === null && lists.has(name),
  );
  const row = mapped(sent, fieldsAfter(/map</, type)) as Row;
  return nulls.length === 0
    ? row
    : { ...row, extra: Object.fromEntries(nulls) };
}

/** What Sell's record is in Protobuf's mapping to JSON, without what is null or an empty list. */
function mapped(value: unknown, maps: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => mapped(one, maps));
  if (typeof value !== "object" || value === null) return value;
  const said = Object.entries(value).filter(
    ([, one]) => one !== null && !(Array.isArray(one) && one.length === 0),
  );
  return Object.fromEntries(
    said.map(([name, one]) => [
      name,
      maps.has(name) ? (one as unknown) : mapped(one, maps),
    ]),
  );
}

/** A row as it was read, with the values of maps in place of their texts. */
function withValues(row: Row, maps: ReadonlySet<string>): Row {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    maps.has(name) ? valuesOf(value as Record<string, string>) : value,
  ]);
  return Object.fromEntries(values) as Row;
}

function valuesOf(texts: Readonly<Record<string, string>>): Row {
  const values = Object.entries(texts).map(
    ([name, text]) => [name, parsed(text)] as const,
  );
  return Object.fromEntries(values);
}

describe.skipIf(!available)("values as protobuf", () => {
  it.each(["change", "flat", "cloudevents"])(
    "carry records of all types as %s, read back by ProtobufDeserializer",
    async (envelope) => {
      const count = 1_000;
      await using simulator = await Simulator.start({ records: count });
      await using trial = await trialOf(simulator.url, {
        format: { value: "protobuf", envelope },
        schemaRegistry: { url },
      });
      const { exitCode, summary } = await trial.sync();
      expect(summary).toMatchObject({ published: count, deadLettered: 0 });
      expect(exitCode).toBe(0);
      expect(trial.proxy.broken).toEqual([]);

      const records = await readTopics(trial.owns);
      const read = await readWithProtobufDeserializer(records);
      const byAckKey = new Map(
        read.map((one) => [one.record.headers["sell.ack_key"], one.value]),
      );
      expect(byAckKey.size).toBe(count);
      const types = new Set<string>();
      for (let place = 0; place < count; place++) {
        const { type, id } = simulator.world.state(place);
        types.add(type);
        const key = firstAckKey({ type, id });
        const value = byAckKey.get(key);
        const row = envelope === "change" ? value?.["after"] : value;
        const maps = fieldsAfter(/map</, type);
        expect(withValues((row ?? {}) as Row, maps), key).toEqual(
          expected(parsed(simulator.world.data(place)) as Row, type),
        );
      }
      expect([...types].sort()).toEqual([...typesWithSchema()].sort());
      const value = records[0]?.value ?? Buffer.alloc(0);
      expect(value[5]).toBe(0);
      if (envelope === "cloudevents")
        expect(records[0]?.headers).toMatchObject({
          "content-type": "application/protobuf",
          ce_dataschema: `${url}/schemas/ids/${schemaIdIn(value) ?? 0}`,
        });
    },
  );

  it("lose nothing of odd records, and pass the audit", async () => {
    const data = '{"id":7,"exact":1.0,"deep":{"x":[1e2]}}';
    const odd =
      '{"id":"7","name":7,"tags":null,"address":[1],"note":"\\ud800"}';
    const page = pageOf([
      item({ type: "hologram", id: 7, data }),
      item({ data: odd }),
    ]);
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    expect(await trial.sync()).toMatchObject({ exitCode: 0 });
    const read = await readWithProtobufDeserializer(
      await readTopics(trial.owns),
    );
    const rows = new Map(
      read.map(({ record, value }) => [record.headers["sell.type"], value]),
    );
    expect(rows.get("hologram")).toEqual({ id: "7", data });
    expect(rows.get("contact")).toEqual({
      extra: {
        ...{ id: '"7"', name: "7", tags: "null", address: "[1]" },
        note: '"\\ud800"',
      },
    });
    expect((await command(trial, "audit")).exitCode).toBe(0);
  });

  it("follow a delete by a tombstone, and share one topic between types", async () => {
    const { records, latest } = await drainIntoOneTopic("protobuf");
    const ofContact = records.filter(({ key }) => key === "contact:1");
    expect(ofContact.map(({ value }) => value === null)).toEqual([false, true]);
    const read = await readWithProtobufDeserializer(records);
    expect(
      read
        .map(({ value }) => [value["op"], "before" in value, "after" in value])
        .sort(),
    ).toEqual([
      ["c", false, true],
      ["d", true, false],
    ]);
    expect(latest).toMatchObject({ kind: "PROTOBUF" });
    expect(latest?.text).toContain("package com.zendesk.sell.generic;");
  });

  it("are shown in base64 by explain and by sync --stdout", async () => {
    const page = pageOf([item({ data: '{"id":1}' })]);
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    const printed = await command(trial, "sync", "--stdout");
    await trial.sync();
    const [record] = await readTopics(trial.owns);
    const value = record?.value?.toString("base64") ?? "";
    expect(printed.stdout).toContain(`"value":"${value}"}`);
    const explained = await command(
      trial,
      ...["explain", "contact", "1", "--value", "--json"],
    );
    expect(JSON.parse(explained.stdout)).toMatchObject({ value });
  });

  it("are written by the replay of a dead letter too", async () => {
    const data = '{"id":7,"exact":1.0}';
    const records = await replayOne("protobuf", data);
    const [read] = await readWithProtobufDeserializer(records);
    expect(read?.value).toEqual({ id: "7", data });
  });

  it("are examined by check, and registered ahead by schemas", async () => {
    await using sell = await ScriptedSell.start([]);
    await using trial = await trialOf(sell.url, {
      format: { value: "protobuf" },
      schemaRegistry: { url },
    });
    await expectRegisteredAhead(trial);
    const printed = await command(trial, "schemas", "deal");
    expect(printed.stdout).toBe(protoText("deal", "envelope"));
    const quoted = await command(trial, "schemas", "deal", "--json");
    expect(JSON.parse(quoted.stdout)).toBe(printed.stdout);
  });

  it("use an operator's schema, and defer what does not fit it", async () => {
    await using sell = await ScriptedSell.start([
      [
        pageOf([
          item({ id: 1, data: '{"id":1,"name":"fits"}' }),
          item({ id: 2, data: '{"id":2,"name":7}' }),
          item({ type: "deal", id: 3 }),
          item({ type: "call", id: 5 }),
        ]),
      ],
    ]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url, autoRegister: false },
    });
    const subject = (type: string) => `${trial.name}.${type}-value`;
    await register(
      subject("contact"),
      'syntax = "proto3"; package acme; message Person { string name = 3; int64 id = 7; }',
      "PROTOBUF",
    );
    await register(
      subject("deal"),
      '{"type":"object","properties":{}}',
      "JSON",
    );
    const { exitCode, summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 1, deferred: 3 });
    expect(sell.acknowledged).toEqual(["contact-1-1"]);
    expect(stderr).toContain(
      "a contact record does not fit its schema at name",
    );
    expect(stderr).toContain("is of the kind JSON");
    expect(stderr).toContain("has no schema for the subject");
    expect(exitCode).toBe(1);
    const read = await readWithProtobufDeserializer(
      await readTopics(trial.owns),
    );
    expect(read.map(({ value }) => value)).toEqual([{ id: "1", name: "fits" }]);
  });

  it("leave alone a subject that holds JSON Schemas", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    const subject = `${trial.name}.contact-value`;
    const id = await register(
      subject,
      '{"type":"object","properties":{}}',
      "JSON",
    );
    const { summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 0, deferred: 1 });
    expect(stderr).toContain("is of the kind JSON");
    expect(stderr).toContain(`(${subject})`);
    const latest = await new Registry({ url }).latest(subject, soon());
    expect(latest?.id).toBe(id);
  });

  it("wait when the registry refuses their schema, and tell its words", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    const subject = `${trial.name}.contact-value`;
    await register(
      subject,
      protoText("contact", "row").replace("int64 id", "string id"),
      "PROTOBUF",
    );
    await setCompatibility(subject, "FULL");
    const { summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 0, deferred: 1 });
    expect(stderr).toContain("refuses the schema as incompatible");
    expect(stderr).toContain(`(${subject})`);
  });
});

describe.skipIf(servers === null)("the Protobuf schemas", () => {
  it.each(["BACKWARD", "FULL_TRANSITIVE"])(
    "are compatible at %s when fields are added",
    async (level) => {
      const all = [...typesWithSchema(), null];
      const types = level === "BACKWARD" ? ["contact", "pipeline"] : all;
      for (const type of types) {
        const today = protoText(type, "envelope");
        const subject = `${randomUUID()}-value`;
        await register(subject, today, "PROTOBUF");
        await setCompatibility(subject, level);
        const later = today.replace(
          "  message Value {",
          "  message Value {\n    optional string new_field = 900;",
        );
        expect(later).not.toBe(today);
        await register(subject, later, "PROTOBUF");
      }
    },
  );
});
