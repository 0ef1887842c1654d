// Proves values as `json-schema` with a real Kafka, a real registry and confluent-kafka's deserializer.
import { randomUUID } from "node:crypto";
import { request } from "undici";
import { describe, expect, inject, it } from "vitest";
import { jsonSchemaText } from "../../../src/format/json-schema/schemas.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import {
  bodyOf,
  schemaIdIn,
} from "../../../src/format/schema-registry/frame.ts";
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
import { readWithJsonDeserializer } from "../../support/python/json-deserializer.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const url = servers?.registryUrl ?? "";
const available = servers !== null && inject("python") !== null;

const flat = { value: "json-schema", envelope: "flat" };

function textsOf(records: readonly { value: Buffer | null }[]) {
  return records.map(({ value }) =>
    value === null ? null : bodyOf(value).toString(),
  );
}

async function register(subject: string, schema: object, kind: SchemaKind) {
  const registry = new Registry({ url });
  const text = JSON.stringify(schema);
  return registry.register(subject, { kind, text }, soon());
}

describe.skipIf(!available)("values as json-schema", () => {
  it.each(["change", "flat", "cloudevents"])(
    "carry 1,500 records of all types as %s, read and validated by JSONDeserializer",
    async (envelope) => {
      await using simulator = await Simulator.start({ records: 1_500 });
      await using trial = await trialOf(simulator.url, {
        format: { value: "json-schema", envelope },
        schemaRegistry: { url },
      });
      const { exitCode, summary } = await trial.sync();
      expect(summary).toMatchObject({ published: 1_500, deadLettered: 0 });
      expect(exitCode).toBe(0);
      expect(trial.proxy.broken).toEqual([]);

      const records = await readTopics(trial.owns);
      const read = await readWithJsonDeserializer(records);
      const byAckKey = new Map(
        read.map((one) => [one.record.headers["sell.ack_key"], one]),
      );
      expect(byAckKey.size).toBe(1_500);
      const types = new Set<string>();
      for (let place = 0; place < 1_500; place++) {
        const { type, id } = simulator.world.state(place);
        types.add(type);
        const key = firstAckKey({ type, id });
        const sent = simulator.world.data(place);
        const one = byAckKey.get(key);
        const text = bodyOf(one?.record.value ?? Buffer.alloc(0)).toString();
        if (envelope === "change") {
          expect(text).toContain(`{"before":null,"after":${sent},"source":{`);
          expect(one?.value["after"]).toEqual(JSON.parse(sent));
        } else {
          expect(text).toBe(sent);
          expect(one?.value).toEqual(JSON.parse(sent));
        }
      }
      expect([...types].sort()).toEqual([...typesWithSchema()].sort());
      if (envelope === "cloudevents")
        expect(records[0]?.headers).toMatchObject({
          "content-type": "application/json",
          ce_dataschema: `${url}/schemas/ids/${schemaIdIn(records[0]?.value ?? Buffer.alloc(0)) ?? 0}`,
        });
    },
  );

  it("keep the very text of a type without a schema, and of odd records", async () => {
    const data = '{ "id":7,"exact":1.0 ,\n"deep":{"x":[1e2, -0.0]},"id":7}';
    const odd = '{"id":"7","name":7,"tags":{"a":null},"address":[1]}';
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
    const records = await readTopics(trial.owns);
    expect(textsOf(records).sort()).toEqual([data, odd].sort());
    expect(await readWithJsonDeserializer(records)).toHaveLength(2);
    expect((await command(trial, "audit")).exitCode).toBe(0);
  });

  it("follow a delete by a tombstone, and share one topic between types", async () => {
    const { records, latest } = await drainIntoOneTopic("json-schema");
    const ofContact = records.filter(({ key }) => key === "contact:1");
    expect(textsOf(ofContact)).toEqual([
      expect.stringMatching(/^\{"before":\{.*\},"after":null,/),
      null,
    ]);
    const read = await readWithJsonDeserializer(records);
    expect(read.map(({ value }) => value["op"]).sort()).toEqual(["c", "d"]);
    expect(latest).toMatchObject({ kind: "JSON" });
    expect(latest?.text).toContain("com.zendesk.sell.generic.Envelope");
  });

  it("are shown as text by explain and by sync --stdout", async () => {
    const data = '{"id":1,"exact":1.0}';
    await using sell = await ScriptedSell.start([
      [pageOf([item({ data })])],
      [pageOf([item({ data })])],
    ]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    const printed = await command(trial, "sync", "--stdout");
    expect(printed.stdout).toContain(`"value":${data}}`);
    await trial.sync();
    const explained = await command(
      trial,
      ...["explain", "contact", "1", "--value", "--json"],
    );
    expect(JSON.parse(explained.stdout)).toMatchObject({ value: data });
  });

  it("are written by the replay of a dead letter too", async () => {
    const data = '{"id":7,"exact":1.0}';
    const records = await replayOne("json-schema", data);
    expect(textsOf(records)).toEqual([data]);
    expect(await readWithJsonDeserializer(records)).toHaveLength(1);
  });

  it("are examined by check, and registered ahead by schemas", async () => {
    await using sell = await ScriptedSell.start([]);
    await using trial = await trialOf(sell.url, {
      format: { value: "json-schema" },
      schemaRegistry: { url },
    });
    await expectRegisteredAhead(trial);
  });

  it("use an operator's schema, and defer what does not fit it", async () => {
    await using sell = await ScriptedSell.start([
      [
        pageOf([
          item({ id: 1, data: '{"id":1,"name":"fits"}' }),
          item({ id: 2, data: '{"id":2,"name":7}' }),
          item({ type: "deal", id: 3 }),
          item({ type: "lead", id: 4 }),
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
      { type: "object", properties: { name: { type: "string" } } },
      "JSON",
    );
    const record = { type: "record", name: "Deal", fields: [] };
    await register(subject("deal"), record, "AVRO");
    const elsewhere = {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: { name: { $ref: "other.json" } },
    };
    await request(`${url}/subjects/${subject("lead")}/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        schema: JSON.stringify(elsewhere),
        schemaType: "JSON",
      }),
    });
    const { exitCode, summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 1, deferred: 4 });
    expect(sell.acknowledged).toEqual(["contact-1-1"]);
    expect(stderr).toContain("does not fit its schema: /name must be string");
    expect(stderr).toContain("is of the kind AVRO");
    expect(stderr).toContain(`(${subject("deal")})`);
    expect(stderr).toMatch(/can't be used: .*other\.json.*lead-value\)/);
    expect(stderr).toContain("has no schema for the subject");
    expect(stderr).toContain(`(${subject("call")})`);
    expect(exitCode).toBe(1);
    const records = await readTopics(trial.owns);
    expect(textsOf(records)).toEqual(['{"id":1,"name":"fits"}']);
  });

  it("leave alone a subject that holds Avro schemas", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, {
      format: flat,
      schemaRegistry: { url },
    });
    const subject = `${trial.name}.contact-value`;
    const record = { type: "record", name: "Contact", fields: [] };
    const id = await register(subject, record, "AVRO");
    const { summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 0, deferred: 1 });
    expect(stderr).toContain("is of the kind AVRO");
    expect(stderr).toContain(`(${subject})`);
    const latest = await new Registry({ url }).latest(subject, soon());
    expect(latest?.id).toBe(id);
  });
});

interface RowSchema {
  readonly properties: Readonly<Record<string, object>>;
}

describe.skipIf(servers === null)("the JSON Schemas", () => {
  const versions = ["BACKWARD", "FULL_TRANSITIVE"].flatMap((level) =>
    (["row", "envelope"] as const).map((shape) => ({ level, shape })),
  );
  it.each(versions)(
    "of $shape are compatible at $level when members come and go",
    async ({ level, shape }) => {
      const isStrictest = level === "FULL_TRANSITIVE" && shape === "envelope";
      const types = isStrictest ? typesWithSchema() : ["contact", "pipeline"];
      for (const type of [...types, null]) {
        const today = JSON.parse(jsonSchemaText(type, shape)) as Row;
        const few = withMembers(today, (members) =>
          Object.fromEntries(Object.entries(members).slice(0, 2)),
        );
        const more = withMembers(today, (members) => ({
          ...members,
          new_member: { description: "A string." },
        }));
        const subject = `${randomUUID()}-value`;
        await register(subject, few, "JSON");
        await setCompatibility(subject, level);
        await register(subject, today, "JSON");
        await register(subject, more, "JSON");
      }
    },
  );

  it("would be refused if they told what a member may hold", async () => {
    const today = JSON.parse(jsonSchemaText("deal", "row")) as Row;
    const strict = withMembers(today, (members) => ({
      ...members,
      name: { type: "string" },
    }));
    const subject = `${randomUUID()}-value`;
    await register(subject, today, "JSON");
    await setCompatibility(subject, "BACKWARD");
    await expect(register(subject, strict, "JSON")).rejects.toThrow(
      "incompatible",
    );
  });
});

/** The schema with other members of the record. */
function withMembers(
  schema: Row,
  change: (members: RowSchema["properties"]) => object,
): object {
  const { definitions } = schema as { definitions?: { Value: RowSchema } };
  const row = definitions?.Value ?? (schema as unknown as RowSchema);
  const changed = { ...row, properties: change(row.properties) };
  return definitions === undefined
    ? changed
    : { ...schema, definitions: { Value: changed } };
}
