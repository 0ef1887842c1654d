// A write that arrives late, over a connection that was given up, never lands behind a newer record.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ProducerState } from "../../../src/kafka/write/producer-state.ts";
import {
  KafkaWriter,
  type KafkaRecord,
} from "../../../src/kafka/write/kafka-writer.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import {
  brokers,
  createTopics,
  readTopics,
  servers,
  testKafka,
} from "../../support/kafka/kafka.ts";
import { LateKafka } from "../../support/kafka/cluster-proxy.ts";
import { kafkaAt } from "../../support/kafka/read-topics.ts";
import { runningOn } from "../../support/process/running.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const never = new AbortController().signal;
/** Brokers soon delete what is older than a week. */
const now = Date.now();
const mayWrite = () => undefined;

function record(topic: string, value: string): KafkaRecord {
  return { topic, key: "1", value: Buffer.from(value), headers: {} };
}

async function newTopic(): Promise<string> {
  const topic = `late-${randomUUID()}`;
  await createTopics([{ topic }]);
  return topic;
}

async function valuesIn(topic: string): Promise<string[]> {
  const read = await readTopics((name) => name === topic);
  return read.map(({ value }) => String(value));
}

describe.skipIf(servers === null)("a write that arrives late", () => {
  it("leaves the newest state of a record last, after an outage", async () => {
    await using sell = await ScriptedSell.start([
      [pageOf([item({ revision: 1 })])],
      [pageOf([item({ revision: 2, eventType: "updated" })])],
    ]);
    await using late = await LateKafka.before(brokers(), {
      text: "contact-1-1",
      refusals: 20,
    });
    await using running = await runningOn(sell.url, {
      sell: { pollIntervalMs: 1_000 },
      kafka: { brokers: late.brokers, compression: "none" },
      topics: { partitions: 1 },
    });
    await late.kept;
    await expect.poll(() => sell.acknowledged).toContain("contact-1-2");
    await late.deliver(brokers()[0] ?? "");
    const records = await readTopics(running.trial.owns);
    const revisions = records.map(({ headers }) => headers["sell.revision"]);
    expect(revisions.at(-1)).toBe("2");
    expect(revisions).toEqual([...revisions].sort());
  });

  it("is refused once the same connector wrote other records, over other connections too", async () => {
    const topic = await newTopic();
    await using late = await LateKafka.before(brokers(), { text: "old" });
    const author = { producer: new ProducerState(), mayWrite };
    const abandoned = new AbortController();
    await using first = new KafkaWriter(
      kafkaAt(late.brokers),
      "none",
      systemClock,
    );
    const write = first.write(
      author,
      [[record(topic, "old")]],
      now,
      abandoned.signal,
    );
    await late.kept;
    abandoned.abort(new Error("given up"));
    await expect(write).rejects.toThrow();

    await using second = new KafkaWriter(testKafka(), "none", systemClock);
    await second.write(author, [[record(topic, "new")]], now + 1, never);
    await late.deliver(brokers()[0] ?? "");
    expect(await valuesIn(topic)).toEqual(["new"]);
  });

  it("is appended once when the same records were written again", async () => {
    const topic = await newTopic();
    await using late = await LateKafka.before(brokers(), { text: "once" });
    const author = { producer: new ProducerState(), mayWrite };
    await using writer = new KafkaWriter(
      kafkaAt(late.brokers),
      "none",
      systemClock,
    );
    const batches = [[record(topic, "once")]];
    await expect(writer.write(author, batches, now, never)).rejects.toThrow();
    await late.deliver(brokers()[0] ?? "");
    await writer.write(author, batches, now + 1, never);
    await writer.write(author, [[record(topic, "after")]], now + 2, never);
    expect(await valuesIn(topic)).toEqual(["once", "after"]);
  });
});
