// No more topics are created than topics.maxCreated allows, and one that a broker does not know is
// not created a second time.
import { randomBytes } from "node:crypto";
import type { Admin, Kafka } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listTopicsOf, Topics } from "../../../src/publish/topics/topics.ts";
import { trialOf } from "../../support/process/connector.ts";
import { readTopics, servers, testKafka } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { ShiftedClock } from "../../support/clocks/shifted-clock.ts";

const unknownTopic = Object.assign(new Error("the send failed"), {
  type: "UNKNOWN_TOPIC_OR_PARTITION",
});
const signal = AbortSignal.timeout(60_000);

describe.skipIf(servers === null)("the number of topics", () => {
  let listings = 0;
  const clock = new ShiftedClock();

  /** Kafka, with a count of how often it is asked what there is. */
  function countedKafka(): Kafka {
    const kafka = testKafka();
    return new Proxy(kafka, {
      get: (target, name) =>
        name === "admin"
          ? () => {
              const admin = target.admin();
              return {
                ...admin,
                listTopics: () => {
                  listings++;
                  return admin.listTopics();
                },
              };
            }
          : (Reflect.get(target, name) as unknown),
    });
  }

  const topicsOf = (prefix: string, maxCreated: number) =>
    new Topics({
      kafka: countedKafka(),
      topicListing: listTopicsOf(countedKafka()),
      clock,
      create: true,
      maxCreated,
      isTarget: (topic) => topic.startsWith(prefix),
      partitions: 1,
      replicationFactor: 1,
      defaultReplication: () => Promise.resolve(1),
      config: {},
      deadLetterTopic: `dead-${prefix}`,
      journalTopic: `journal-${prefix}`,
      markersTopic: null,
      retrying: () => undefined,
    });

  it("ends where topics.maxCreated says, over a restart too, and is not asked for again and again", async () => {
    const prefix = `many-${randomBytes(5).toString("hex")}.`;
    const topics = topicsOf(prefix, 3);
    const of = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `${prefix}${from + n}`);

    const first = await topics.prepare(of(0, 5), signal);
    expect([...first.keys()]).toEqual(of(3, 2));
    expect(first.get(`${prefix}3`)?.message).toContain(
      "topics.maxCreated is 3",
    );
    const before = listings;
    for (let page = 1; page < 100; page++) {
      const faults = await topics.prepare(of(page * 20, 20), signal);
      expect(faults.size).toBe(20);
    }
    expect(listings).toBe(before);
    expect((await topics.prepare(of(0, 3), signal)).size).toBe(0);
    const own = [`dead-${prefix}`, `journal-${prefix}`];
    expect((await topics.prepare(own, signal)).size).toBe(0);

    const restarted = topicsOf(prefix, 3);
    const again = await restarted.prepare(of(1, 4), signal);
    expect([...again.keys()]).toEqual(of(3, 2));
    expect((await topicsOf(prefix, 4).prepare(of(3, 1), signal)).size).toBe(0);
    // A broker may list the new topic a moment later.
    await expect
      .poll(async () => {
        clock.shift(10_000);
        return (await restarted.prepare(of(1, 3), signal)).size;
      })
      .toBe(0);
  });
});

describe.skipIf(servers === null)("types beyond topics.maxCreated", () => {
  it("wait with the reason, and those that have a topic go on", async () => {
    const page = (id: number) =>
      pageOf(["a", "b", "c", "d", "e"].map((type) => item({ type, id })));
    await using sell = await ScriptedSell.start([[page(1)], [page(2)]]);
    await using trial = await trialOf(sell.url, { topics: { maxCreated: 2 } });
    for (const id of [1, 2]) {
      const { exitCode, summary, stderr } = await trial.sync();
      expect(exitCode).toBe(1);
      expect(summary).toMatchObject({ published: 2, deferred: 3 });
      expect(stderr).toContain("raise topics.maxCreated");
      expect(sell.acknowledged.slice(-2)).toEqual([`a-${id}-1`, `b-${id}-1`]);
    }
    const records = await readTopics(trial.owns);
    const topics = new Set(records.map(({ topic }) => topic));
    expect(topics).toEqual(new Set([`${trial.name}.a`, `${trial.name}.b`]));
  });
});

describe.skipIf(servers === null)("a topic that a broker does not know", () => {
  let admin: Admin;
  const clock = new ShiftedClock();

  beforeAll(async () => {
    admin = testKafka().admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin.disconnect();
  });

  async function created(): Promise<{ topic: string; topics: Topics }> {
    const topic = `topics-${randomBytes(5).toString("hex")}`;
    const topics = new Topics({
      kafka: testKafka(),
      topicListing: listTopicsOf(testKafka()),
      clock,
      create: true,
      maxCreated: 200,
      isTarget: (one) => one.startsWith("topics-"),
      partitions: 1,
      replicationFactor: 1,
      defaultReplication: () => Promise.resolve(1),
      config: {},
      deadLetterTopic: "dead",
      journalTopic: "journal",
      markersTopic: null,
      retrying: () => undefined,
    });
    expect((await topics.prepare([topic], signal)).size).toBe(0);
    return { topic, topics };
  }

  it("was only created a moment ago, or lies on a broker that is behind: worth another attempt", async () => {
    const { topic, topics } = await created();
    expect(await topics.refused(topic, unknownTopic, signal)).toBeNull();
    clock.shift(3_600_000);
    expect(await topics.refused(topic, unknownTopic, signal)).toBeNull();
    expect((await topics.prepare([topic], signal)).size).toBe(0);
  });

  it("is gone when the cluster does not know it either, and is not created again", async () => {
    const { topic, topics } = await created();
    clock.shift(3_600_000);
    await admin.deleteTopics({ topics: [topic] });
    const fault = await topics.refused(topic, unknownTopic, signal);
    expect(fault?.message).toContain("raise sell.epoch");
    clock.shift(3_600_000);
    const faults = await topics.prepare([topic], signal);
    expect(faults.get(topic)?.message).toContain("is gone");
    expect(await admin.listTopics()).not.toContain(topic);
  });
});
