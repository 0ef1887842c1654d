// Records arrive as flat rows with a typed column for each custom field, through renames and with
// odd names; an audit finds them equal, and without definitions nothing stops.
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, inject, it } from "vitest";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { sellKafka } from "../../support/process/command.ts";
import { TOKEN, trialOf, type Trial } from "../../support/process/connector.ts";
import {
  command,
  setCompatibility,
} from "../../support/process/format-trials.ts";
import { readWithFastavro, type Row } from "../../support/python/fastavro.ts";
import { readWithJsonDeserializer } from "../../support/python/json-deserializer.ts";
import { readWithProtobufDeserializer } from "../../support/python/protobuf-deserializer.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";

const packages = inject("python");
const url = servers?.registryUrl ?? "";
const available = servers !== null && packages !== null;

interface Field {
  readonly name: string;
  readonly "sell.id"?: number;
  readonly "sell.name"?: string;
}

async function fieldsOf(topic: string): Promise<readonly Field[]> {
  const latest = await new Registry({ url }).latest(
    `${topic}-value`,
    AbortSignal.timeout(10_000),
  );
  const schema = JSON.parse(latest?.text ?? "{}") as { fields: Field[] };
  return schema.fields;
}

async function rowsOf(trial: Trial, type: string): Promise<Map<string, Row>> {
  const topic = `${trial.name}.${type}`;
  const records = await readTopics((one) => one === topic);
  const rows = await readWithFastavro(records);
  return new Map(rows.map(({ record, value }) => [record.key, value]));
}

async function audit(trial: Trial): Promise<unknown> {
  const { stdout } = await sellKafka([
    ...["audit", "--json", "--config", trial.configPath],
    ...["--requests-per-second", "2000"],
  ]);
  const { result } = JSON.parse(stdout) as { result?: unknown };
  return result;
}

describe.skipIf(!available)("columns", () => {
  it("hold custom fields of any name and type, keep them through a rename, and are equal in an audit", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 400, customFields: ["odd"] },
    });
    await using trial = await trialOf(simulator.url, {
      format: { value: "avro", envelope: "flat", layout: "columns" },
      schemaRegistry: { url },
    });
    const first = await trial.sync();
    expect(first.summary).toMatchObject({ published: 400, deadLettered: 0 });
    const topic = `${trial.name}.contact`;
    const before = await fieldsOf(topic);
    const region = before.find((one) => one["sell.name"] === "Region");
    expect(region).toMatchObject({ name: "cf_region", "sell.id": 1_000 });
    const names = before.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(await audit(trial)).toBe("clean");

    const { world } = simulator;
    world.customFields.rename("contact", "Region", "Sales region");
    world.customFields.add("contact", "Brand new", "number");
    for (let index = 0; index < world.size; index++)
      if (world.state(index).type === "contact")
        world.update(index, Date.now());
    const second = await trial.sync();
    expect(second.summary).toMatchObject({ deadLettered: 0, deferred: 0 });
    const after = await fieldsOf(topic);
    expect(after.find((one) => one.name === "cf_region")).toMatchObject({
      ...{ "sell.id": 1_000, "sell.name": "Sales region" },
    });
    expect(after.map(({ name }) => name)).toEqual([...names, "cf_brand_new"]);
    const rows = await rowsOf(trial, "contact");
    const values = (name: string) =>
      [...rows.values()].filter((row) => row[name] !== null);
    expect(values("cf_region")).toHaveLength(rows.size);
    expect(values("cf_brand_new").length).toBeGreaterThan(0);
    expect(await audit(trial)).toBe("clean");
  });

  it("hold custom fields as JSON text when no token may read definitions", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 60, readToken: "other" },
    });
    await using trial = await trialOf(simulator.url, {
      format: { value: "avro", envelope: "change", layout: "columns" },
      schemaRegistry: { url },
    });
    const { exitCode, summary, stderr } = await trial.sync();
    expect(summary).toMatchObject({ published: 60, deferred: 0 });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("sell.readToken");
    expect(await audit(trial)).toBe("clean");
  });

  it.each([
    ["avro", readWithFastavro],
    ["json-schema", readWithJsonDeserializer],
    ["protobuf", readWithProtobufDeserializer],
  ])(
    "as %s get a new field and a new name where the registry wants FULL_TRANSITIVE, and others read and validate them",
    async (value, readAll) => {
      await using simulator = await Simulator.start({ records: 60 });
      await using trial = await trialOf(simulator.url, {
        format: { value, envelope: "change", layout: "columns" },
        schemaRegistry: { url },
      });
      await trial.sync();
      const topic = `${trial.name}.contact`;
      await setCompatibility(`${topic}-value`, "FULL_TRANSITIVE");
      const { world } = simulator;
      world.customFields.add("contact", "Brand new", "string");
      world.customFields.rename("contact", "Region", "Sales region");
      for (let index = 0; index < world.size; index++)
        if (world.state(index).type === "contact")
          world.update(index, Date.now());
      const { exitCode, stderr } = await trial.sync();
      expect(exitCode, stderr).toBe(0);
      expect(stderr).not.toContain("schema-kept");
      const records = await readTopics((one) => one === topic);
      const values = (await readAll(records)).map(
        (one) => one.value["after"] as Row | null,
      );
      expect(values.some((row) => row?.["cf_brand_new"])).toBe(true);
      const latest = await new Registry({ url }).latest(
        `${topic}-value`,
        AbortSignal.timeout(10_000),
      );
      // The names stand in Avro's properties, in a comment of JSON Schema, in an option of Protobuf.
      expect(latest?.text).toMatch(/cf_region\b.*Sales[ +]region/);
      expect(latest?.text).not.toContain("cf_sales_region");
      expect(await audit(trial)).toBe("clean");
    },
  );

  it.each([
    ["avro", readWithFastavro],
    ["json-schema", readWithJsonDeserializer],
    ["protobuf", readWithProtobufDeserializer],
  ])(
    "as %s in cloudevents are written by a replay of dead letters too, explained, and equal in an audit",
    async (value, readAll) => {
      await using simulator = await Simulator.start({ records: 40 });
      await using trial = await trialOf(simulator.url, {
        format: { value, envelope: "cloudevents", layout: "columns" },
        schemaRegistry: { url },
        // Too long for a name of Kafka with any type.
        topics: { pattern: `{name}.${"x".repeat(229)}.{type}` },
      });
      const { summary } = await trial.sync();
      expect(summary).toMatchObject({ published: 0, deadLettered: 40 });
      const config = await readFile(trial.configPath, "utf8");
      const corrected = config.replace("x".repeat(229), "y");
      await writeFile(trial.configPath, corrected);
      const replayed = await command(trial, "dead-letters", "replay", "--all");
      expect(replayed.exitCode, replayed.stderr).toBe(0);
      const topic = `${trial.name}.y.contact`;
      const records = await readTopics((one) => one === topic);
      const [first] = await readAll(records);
      expect(first?.value["cf_region"]).toEqual(expect.any(String));
      const id = first?.record.value?.readUInt32BE(1) ?? 0;
      expect(first?.record.headers).toMatchObject({
        ce_dataschema: `${url}/schemas/ids/${id}`,
      });
      const explained = await command(
        trial,
        ...["explain", "contact", first?.record.key ?? "", "--value", "--json"],
      );
      expect(JSON.parse(explained.stdout)).toMatchObject({ state: "live" });
      expect(await audit(trial)).toBe("clean");
    },
  );

  it("read definitions by sell.readToken where the other token may not", async () => {
    const readToken = "r".repeat(64);
    await using simulator = await Simulator.start({ records: 60, readToken });
    await using trial = await trialOf(simulator.url, {
      sell: { readToken, accessToken: TOKEN },
      format: { value: "avro", envelope: "flat", layout: "columns" },
      schemaRegistry: { url },
    });
    const { exitCode } = await trial.sync();
    expect(exitCode).toBe(0);
    const names = (await fieldsOf(`${trial.name}.deal`)).map((one) => one.name);
    expect(names).toContain("cf_region");
  });
});
