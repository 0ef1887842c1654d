// The records that the documents show are the bytes that a run writes.
import { format } from "prettier";
import { beforeAll, describe, expect, inject, it } from "vitest";
import {
  blocksOf,
  documents,
  rewrite,
} from "../../support/documents/markdown.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import type { Consumed } from "../../support/kafka/read-topics.ts";
import { readWithFastavro } from "../../support/python/fastavro.ts";
import { readWithProtobufDeserializer } from "../../support/python/protobuf-deserializer.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { trialOf } from "../../support/process/connector.ts";

const packages = inject("python");
const url = servers?.registryUrl ?? "";

const deal = `{"id":4300000141,"name":"Orbital Couriers: 89 seats","value":"28360.50","currency":"EUR","hot":true,"contact_id":3000000042,"tags":["renewal"],"custom_fields":{"Region":"EMEA","Seats":89},"created_at":"2026-03-02T08:15:00Z","updated_at":"2026-11-23T10:00:00Z"}`;
const updated = item({
  type: "deal",
  id: 4300000141,
  revision: 3,
  eventType: "updated",
  ackKey: "Deal-4300000141-3",
  data: deal,
});
const deleted = item({
  type: "deal",
  id: 4300000184,
  revision: 2,
  eventType: "deleted",
  ackKey: "Deal-4300000184-2",
  data: '{"id":4300000184}',
});
const impossible = item({
  type: "no such/type",
  id: 5,
  ackKey: "Odd-5-1",
  data: '{"id":5}',
});

/** What the documents show, by name: JSON text, as prettier lays it out. */
const examples = new Map<string, string>();

/** What a connector makes of the three items; its device is always the same. */
async function published(formats: object): Promise<Consumed[]> {
  await using sell = await ScriptedSell.start([
    [pageOf([updated, deleted, impossible])],
  ]);
  await using trial = await trialOf(sell.url, {
    sell: { deviceUuid: "6ba7b810-9dad-51d1-80b4-00c04fd430c8" },
    format: formats,
    schemaRegistry: { url },
  });
  const { exitCode, stderr } = await trial.sync();
  expect(exitCode, stderr).toBe(0);
  return (await readTopics(trial.owns)).sort((a, b) =>
    Number(BigInt(a.offset) - BigInt(b.offset)),
  );
}

describe.skipIf(servers === null || packages === null)("the documents", () => {
  beforeAll(async () => {
    examples.set("sell-change", updated);
    examples.set("sell-delete", deleted);
    for (const envelope of ["change", "flat", "cloudevents"]) {
      const records = await published({ envelope });
      const of = (key: string) => records.filter((one) => one.key === key);
      const [update] = of("4300000141");
      const deletes = of("4300000184");
      examples.set(`${envelope}-update`, textOf(update));
      examples.set(
        `${envelope}-delete`,
        deletes.length === 1
          ? textOf(deletes[0])
          : `[${deletes.map(textOf).join()}]`,
      );
      const letter = records.find(({ topic }) => topic.includes("dead"));
      examples.set("dead-letter", textOf(letter));
    }
    const inAvro = await published({ value: "avro" });
    const update = inAvro.filter(({ key }) => key === "4300000141");
    const [row] = await readWithFastavro(update);
    examples.set("avro-change", named(JSON.stringify(row?.value)));
    const inProtobuf = await published({ value: "protobuf" });
    const [message] = await readWithProtobufDeserializer(
      inProtobuf.filter(({ key }) => key === "4300000141"),
    );
    examples.set("protobuf-change", named(JSON.stringify(message?.value)));
  });

  it("show what a run gives", async () => {
    const unused = new Set(examples.keys());
    for (const block of documents().flatMap(blocksOf)) {
      if (block.origin?.kind !== "run") continue;
      const { name } = block.origin;
      unused.delete(name);
      const fresh = await format(examples.get(name) ?? "", { parser: "json" });
      if (process.env["UPDATE_DOCS"] === "1") rewrite(block, fresh);
      else expect(steady(block.text), name).toBe(steady(fresh));
    }
    expect([...unused]).toEqual([]);
  });
});

/** A record as `--stdout` shows one, in JSON with every digit of its value. */
function textOf(record: Consumed | undefined): string {
  if (record === undefined) throw new Error("there is no such record");
  const { topic, key, headers, value } = record;
  const start = JSON.stringify({ topic, key, headers }).slice(0, -1);
  return named(
    `${start},"value":${value === null ? "null" : value.toString("utf8")}}`,
  );
}

/** With the names that a connector has by default, in place of the trial's. */
function named(text: string): string {
  return text
    .replaceAll(/trial-[0-9a-f]{10}-dead-letter/g, "sell-kafka.dead-letter")
    .replaceAll(/trial-[0-9a-f]{10}/g, "sell");
}

/** Without what differs from run to run and version to version. */
function steady(text: string): string {
  return text
    .replaceAll(/("ts_ms": )"?1[0-9]{12}"?(?=\s*\})/g, "$1now")
    .replaceAll(/("version": )"[^"]+"/g, '$1"any"');
}
