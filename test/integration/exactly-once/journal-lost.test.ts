// A journal that is deleted, spread over more partitions or holds foreign records does not go unnoticed.
import type { Admin, Message } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withAdmin } from "../../../src/kafka/client/connection.ts";
import { javaProblem } from "../../../src/local/native.ts";
import { Cluster } from "../../support/kafka/cluster.ts";
import { createTopics, writeRecords } from "../../support/kafka/kafka.ts";
import { trialOf } from "../../support/process/connector.ts";
import { kafkaAt, readTopicsAt } from "../../support/kafka/read-topics.ts";
import { runningOn } from "../../support/process/running.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";

const problem = await javaProblem();
if (problem !== null && process.env["CI"] === "true") throw new Error(problem);

const signal = new AbortController().signal;
const page = pageOf([item({ id: 1 }), item({ id: 2 })]);

describe.skipIf(problem !== null)("the journal", { timeout: 60_000 }, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({ size: 1 });
  }, 60_000);

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const overrides = () => ({
    kafka: { brokers: cluster.brokers },
    topics: { pattern: "{name}.{type}", partitions: 1 },
    delivery: { guarantee: "exactly-once" },
  });

  const admin = <T>(task: (admin: Admin) => Promise<T>) =>
    withAdmin(kafkaAt(cluster.brokers), signal, task);

  const deleteJournal = () =>
    admin((one) => one.deleteTopics({ topics: [JOURNAL_TOPIC] }));

  const write = (messages: readonly Message[]) =>
    writeRecords(JOURNAL_TOPIC, messages, kafkaAt(cluster.brokers));

  /** Loses the journal of a connector that has drained, and expects it to stop at what comes next. */
  async function expectToStop(loseJournal: () => Promise<void>): Promise<void> {
    await using sell = await ScriptedSell.start([[page]]);
    await using running = await runningOn(sell.url, {
      ...overrides(),
      sell: { pollIntervalMs: 1_000 },
    });
    await expect.poll(() => sell.acknowledged.length).toBe(2);
    await loseJournal();
    sell.add([pageOf([item({ id: 3 })])]);
    await expect
      .poll(() => running.readiness())
      .toMatch(/^503 .*journal of exactly-once delivery is gone/s);
    expect(sell.acknowledged).not.toContain("contact-3-1");
  }

  it("stops a connector with advice when it is deleted under it", () =>
    expectToStop(deleteJournal));

  it("stops a connector when it was made again, and filled beyond what was read", async () => {
    await expectToStop(async () => {
      await deleteJournal();
      const topics = [{ topic: JOURNAL_TOPIC, numPartitions: 12 }];
      await createTopics(topics, kafkaAt(cluster.brokers));
      const messages = Array.from({ length: 1_000 }, (_, place) => ({
        key: `other/${place}`,
        value: "{}",
      }));
      await write(messages);
    });
  });

  it("tells at a start that it is empty beside the connector's own records", async () => {
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, overrides());
    const first = await trial.sync();
    expect(first.summary).toMatchObject({ published: 2 });
    expect(first.stderr).not.toContain("the journal holds nothing");
    await deleteJournal();
    const second = await trial.sync();
    expect(second.stderr).toContain(
      "the journal holds nothing of this connector, though its topics do",
    );
  });

  it("is found in all of its partitions when it gets more of them", async () => {
    const sessions = Array.from({ length: 5 }, () => [page]);
    await using sell = await ScriptedSell.start(sessions);
    await using trial = await trialOf(sell.url, overrides());
    expect((await trial.sync()).summary).toMatchObject({ published: 2 });
    for (const count of [14, 19]) {
      await admin((one) =>
        one.createPartitions({
          topicPartitions: [{ topic: JOURNAL_TOPIC, count }],
        }),
      );
      for (let run = 0; run < 2; run++)
        expect((await trial.sync()).summary).toMatchObject({
          published: 0,
          duplicates: 2,
        });
    }
    const records = await readTopicsAt(cluster.brokers, trial.owns);
    expect(records).toHaveLength(2);
  });

  it("skips a record under the connector's own key that is no entry, and tells where it lies", async () => {
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, overrides());
    await trial.sync();
    const [record] = await readTopicsAt(cluster.brokers, trial.owns);
    const { source } = JSON.parse(String(record?.value)) as {
      source: { device: string };
    };
    const journal = await readTopicsAt(
      cluster.brokers,
      (topic) => topic === JOURNAL_TOPIC,
    );
    const key = `${source.device}/contact-1-1`;
    const own = journal.find((one) => one.key === key);
    const messages = ["{", "null", "7"].map((value) => ({
      partition: own?.partition ?? 0,
      key: `${source.device}/contact-9-9`,
      value,
    }));
    await write(messages);
    const again = await trial.sync();
    expect(again.exitCode).toBe(0);
    expect(again.summary).toMatchObject({ published: 0, duplicates: 2 });
    expect(again.stderr.match(/is no entry, and is skipped/g)).toHaveLength(3);
    expect(again.stderr).toContain(`"topic":"${JOURNAL_TOPIC}"`);
    expect(again.stderr).toMatch(/"partition":\d+,"offset":"\d+"/);
  });
});
