// Records of every type are written as Avro that another implementation reads back; schemas of the
// operator, of the registry and of none are used as the configuration says.
import { describe, expect, inject, it } from "vitest";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { firstAckKey } from "../../support/process/format-trials.ts";
import { trialOf } from "../../support/process/connector.ts";
import { readWithFastavro, type Row } from "../../support/python/fastavro.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const packages = inject("python");
const url = servers?.registryUrl ?? "";

const available = servers !== null && packages !== null;

describe.skipIf(!available)("Avro", () => {
  it.each(["change", "flat", "cloudevents"])(
    "carries 1,500 records of all types as %s, read back by fastavro",
    async (envelope) => {
      await using simulator = await Simulator.start({ records: 1_500 });
      await using trial = await trialOf(simulator.url, {
        format: { value: "avro", envelope },
        schemaRegistry: { url },
      });
      const { exitCode, summary } = await trial.sync();
      expect(summary).toMatchObject({
        published: 1_500,
        acknowledged: 1_500,
        deadLettered: 0,
      });
      expect(exitCode).toBe(0);
      expect(trial.proxy.broken).toEqual([]);

      const records = await readTopics(trial.owns);
      expect(records).toHaveLength(1_500);
      const rows = await readWithFastavro(records);
      const byAckKey = new Map(
        rows.map(({ record, value }) => [
          record.headers["sell.ack_key"],
          (envelope === "change" ? value["after"] : value) as Row,
        ]),
      );
      expect(byAckKey.size).toBe(1_500);
      const types = new Set<string>();
      for (let place = 0; place < 1_500; place++) {
        const { type, id } = simulator.world.state(place);
        types.add(type);
        const key = firstAckKey({ type, id });
        const sent = JSON.parse(simulator.world.data(place)) as Row;
        expectSame(byAckKey.get(key) ?? {}, sent);
      }
      expect([...types].sort()).toEqual([...typesWithSchema()].sort());
      if (envelope === "cloudevents")
        expect(records[0]?.headers).toMatchObject({
          "content-type": "application/avro",
          ce_dataschema: `${url}/schemas/ids/${records[0]?.value?.readUInt32BE(1) ?? 0}`,
        });
    },
  );

  it("writes types that it has no schema for with the generic one", async () => {
    const data = '{"id":7,"exact":1.0,"deep":{"x":[1e2]}}';
    await using sell = await ScriptedSell.start([
      [pageOf([item({ type: "hologram", id: 7, data })])],
    ]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro", envelope: "flat" },
      schemaRegistry: { url },
    });
    await trial.sync();
    const rows = await readWithFastavro(await readTopics(trial.owns));
    expect(rows.map(({ value }) => value)).toEqual([{ id: "7", data }]);
  });

  it("takes all types in one topic, and leaves the registry's settings alone", async () => {
    await using sell = await ScriptedSell.start([
      [pageOf([item({ type: "deal" }), item({ type: "contact" })])],
    ]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro" },
      schemaRegistry: { url },
      topics: { pattern: "{name}.all" },
    });
    const subject = `${trial.name}.all-value`;
    const { exitCode } = await trial.sync();
    expect(exitCode).toBe(0);
    const latest = await new Registry({ url }).latest(
      subject,
      AbortSignal.timeout(10_000),
    );
    expect(latest?.text).toContain("com.zendesk.sell.generic");
    const rows = await readWithFastavro(await readTopics(trial.owns));
    expect(rows.map(({ record }) => record.key).sort()).toEqual([
      "contact:1",
      "deal:1",
    ]);
  });

  it("uses an operator's schema, and defers what has no place in it", async () => {
    await using sell = await ScriptedSell.start([
      [
        pageOf([
          item({ id: 1, data: '{"id":1,"name":"fits"}' }),
          item({ id: 2, data: '{"id":2,"name":"odd","surprise":true}' }),
        ]),
      ],
    ]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro", envelope: "flat" },
      schemaRegistry: { url, autoRegister: false },
    });
    const registry = new Registry({ url });
    const fields = [
      { name: "id", type: "long" },
      { name: "name", type: ["null", "string"], default: null },
    ];
    const own = { type: "record", name: "Own", fields };
    await registry.register(
      `${trial.name}.contact-value`,
      { kind: "AVRO", text: JSON.stringify(own) },
      AbortSignal.timeout(10_000),
    );
    const { exitCode, summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 1, deferred: 1 });
    expect(sell.acknowledged).toEqual(["contact-1-1"]);
    expect(stderr).toContain(`${trial.name}.contact-value`);
    expect(exitCode).toBe(1);
    const rows = await readWithFastavro(await readTopics(trial.owns));
    expect(rows.map(({ value }) => value)).toEqual([{ id: 1, name: "fits" }]);
  });

  it("defers everything when no schema is registered and none may be", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, {
      format: { value: "avro" },
      schemaRegistry: { url, autoRegister: false },
    });
    const { exitCode, summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 0, deferred: 1 });
    expect(stderr).toContain("autoRegister");
    expect(exitCode).toBe(1);
  });
});

/** Compares an Avro row with Sell's JSON, value by value, by what each means. */
function expectSame(row: Row, sent: Row): void {
  expect(row["extra"]).toEqual({});
  for (const [name, value] of Object.entries(sent))
    expect(meaningOf(row[name], value), name).toEqual(value);
}

function meaningOf(read: unknown, sent: unknown): unknown {
  if (sent === null || typeof sent === "boolean") return read;
  if (typeof sent === "number") return Number(read);
  if (typeof sent === "string") {
    if (read === sent) return read;
    const isInstant = /^\d{4}-\d\d-\d\dT/.test(sent);
    const same = isInstant
      ? Date.parse(String(read)) === Date.parse(sent)
      : Number(read) === Number(sent);
    return same ? sent : read;
  }
  if (Array.isArray(sent))
    return (read as unknown[]).map((one, index) => meaningOf(one, sent[index]));
  return Object.fromEntries(
    Object.entries(sent as Row).map(([name, value]) => {
      const one = (read as Row)[name];
      const isText = typeof one === "string" && typeof value !== "string";
      const unquoted = typeof one === "string" && one === JSON.stringify(value);
      if (isText || unquoted) return [name, JSON.parse(one) as unknown];
      return [name, meaningOf(one, value)];
    }),
  );
}
