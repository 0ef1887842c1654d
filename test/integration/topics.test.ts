import { randomBytes } from "node:crypto";
import type { Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Topics } from "../../src/kafka/topics.ts";
import { systemClock, type Clock } from "../../src/pipeline/clock.ts";
import { servers, testKafka } from "../support/kafka.ts";

const unknownTopic = Object.assign(new Error("the send failed"), {
  type: "UNKNOWN_TOPIC_OR_PARTITION",
});
const signal = AbortSignal.timeout(60_000);

describe.skipIf(servers === null)("a topic that a broker does not know", () => {
  let admin: Admin;
  let laterMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + laterMs,
  };

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
      clock,
      create: true,
      partitions: 1,
      replicationFactor: 1,
      config: {},
      deadLetterTopic: "dead",
      journalTopic: "journal",
      retrying: () => undefined,
    });
    expect((await topics.prepare([topic], signal)).size).toBe(0);
    return { topic, topics };
  }

  it("was only created a moment ago, or lies on a broker that is behind: worth another attempt", async () => {
    const { topic, topics } = await created();
    expect(await topics.refused(topic, unknownTopic, signal)).toBeNull();
    laterMs += 3_600_000;
    expect(await topics.refused(topic, unknownTopic, signal)).toBeNull();
    expect((await topics.prepare([topic], signal)).size).toBe(0);
  });

  it("is gone when the cluster does not know it either, and is not created again", async () => {
    const { topic, topics } = await created();
    laterMs += 3_600_000;
    await admin.deleteTopics({ topics: [topic] });
    const fault = await topics.refused(topic, unknownTopic, signal);
    expect(fault?.message).toContain("raise sell.epoch");
    laterMs += 3_600_000;
    const faults = await topics.prepare([topic], signal);
    expect(faults.get(topic)?.message).toContain("is gone");
    expect(await admin.listTopics()).not.toContain(topic);
  });
});
