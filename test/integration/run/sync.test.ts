// A whole account is in Kafka once, digit for digit, on the partition of Java's producer, and is
// acknowledged only after that; later updates and deletes follow.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import type { Consumed } from "../../support/kafka/read-topics.ts";
import { partitionOf } from "../../support/kafka/murmur2.ts";

const RECORDS = 5_000;

interface EnvelopeRow {
  readonly before: unknown;
  readonly op: string;
  readonly source: Readonly<Record<string, unknown>>;
}

describe.skipIf(servers === null)("sync of a whole account", () => {
  let simulator: Simulator;
  let trial: Trial;
  let records: Consumed[];

  beforeAll(async () => {
    simulator = await Simulator.start({ records: RECORDS, seed: 7 });
    trial = await trialOf(simulator.url, { topics: { partitions: 6 } });
  });

  afterAll(async () => {
    await trial[Symbol.asyncDispose]();
    await simulator[Symbol.asyncDispose]();
  });

  it("publishes and acknowledges every record, and says so", async () => {
    const { exitCode, summary } = await trial.sync();
    expect(summary).toMatchObject({
      sessions: 1,
      fetched: RECORDS,
      published: RECORDS,
      acknowledged: RECORDS,
      deadLettered: 0,
      superseded: 0,
      deferred: 0,
      failedObjects: 0,
      throttled: 0,
    });
    expect(exitCode).toBe(0);
  });

  it("acknowledged nothing before it was in Kafka", () => {
    expect(trial.proxy.broken).toEqual([]);
    expect(trial.proxy.acks).toBeGreaterThanOrEqual(RECORDS / 2_000);
    expect(simulator.state().violations).toEqual({});
  });

  it("has nothing to do the second time", async () => {
    const { exitCode, summary } = await trial.sync();
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({
      sessions: 0,
      fetched: 0,
      published: 0,
      acknowledged: 0,
      requests: 1,
    });
  });

  it("put each record into Kafka once, digit for digit, on Java's partition", async () => {
    records = await readTopics(trial.owns);
    expect(records).toHaveLength(RECORDS);
    const byPlace = new Map(
      records.map((record) => [`${record.topic}/${record.key}`, record]),
    );
    expect(byPlace.size).toBe(RECORDS);
    for (let place = 0; place < RECORDS; place++) {
      const { type, id } = simulator.world.state(place);
      const data = simulator.world.data(place);
      const ackType = type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
        letter.toUpperCase(),
      );
      const key = data.startsWith('{"id"') ? String(id) : `${ackType}-${id}`;
      const record = byPlace.get(`${trial.name}.${type}/${key}`);
      const text = record?.value?.toString("utf8") ?? "";
      expect(text.startsWith(`{"before":null,"after":${data},"source":`)).toBe(
        true,
      );
      expect(record?.partition).toBe(partitionOf(key, 6));
      expect(record?.headers).toMatchObject({
        "sell.connector": trial.name,
        "sell.type": type,
        "sell.event_type": "created",
        "sell.revision": "1",
        "sell.ack_key": `${ackType}-${id}-1`,
      });
    }
  });

  it("wraps the record into Debezium's envelope", () => {
    const contact = records.find(({ topic }) => topic.endsWith(".contact"));
    const row = JSON.parse(String(contact?.value)) as EnvelopeRow;
    expect(row).toMatchObject({ before: null, op: "c" });
    expect(Object.keys(row)).toEqual([
      "before",
      "after",
      "source",
      "op",
      "ts_ms",
    ]);
    expect(row.source).toMatchObject({
      connector: "zendesk-sell",
      name: trial.name,
      type: "contact",
      id: contact?.key,
      revision: 1,
      event_type: "created",
      ack_key: `Contact-${contact?.key ?? ""}-1`,
      session: contact?.headers["sell.session"],
    });
  });

  it("sends updates and deletes, a delete with its tombstone", async () => {
    const { world } = simulator;
    const contact = placeOf(simulator, "contact", 0);
    const deal = placeOf(simulator, "deal", 0);
    world.update(contact, Date.UTC(2026, 0, 2));
    world.delete(deal, Date.UTC(2026, 0, 2));
    const { exitCode, summary } = await trial.sync();
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({ published: 2, acknowledged: 2 });

    const all = await readTopics(trial.owns);
    const fresh = all.filter(({ headers }) => headers["sell.revision"] === "2");
    const deleted = fresh.filter(({ topic }) => topic.endsWith(".deal"));
    const [first, tombstone] = deleted;
    expect(fresh).toHaveLength(3);
    expect(deleted).toHaveLength(2);
    expect(JSON.parse(String(first?.value))).toMatchObject({
      before: { id: Number(first?.key) },
      after: null,
      op: "d",
    });
    expect(tombstone?.value).toBeNull();
    expect(tombstone?.headers).toEqual(first?.headers);
    const updated = fresh.find(({ topic }) => topic.endsWith(".contact"));
    expect(JSON.parse(String(updated?.value))).toMatchObject({
      op: "u",
      source: { ts_ms: Date.UTC(2026, 0, 2), event_type: "updated" },
    });
  });
});

function placeOf(simulator: Simulator, type: string, index: number): number {
  for (let place = 0, seen = 0; place < simulator.world.size; place++)
    if (simulator.world.state(place).type === type && seen++ === index)
      return place;
  throw new Error(`there is no ${type}`);
}
