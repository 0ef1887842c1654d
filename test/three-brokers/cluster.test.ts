// Three real brokers crash and come back: no record is lost, doubled or believed to be held too early.
import { setTimeout as delay } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKafka } from "../../src/kafka/client/connection.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ProducerState } from "../../src/kafka/write/producer-state.ts";
import {
  KafkaWriter,
  type KafkaRecord,
} from "../../src/kafka/write/kafka-writer.ts";
import { javaProblem } from "../../src/local/native.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { accountOf } from "../support/sell/account.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import { createTopics } from "../support/kafka/kafka.ts";
import { sellKafka } from "../support/process/command.ts";
import { configFile } from "../support/process/config-file.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";

const TOKEN = "t0ken".repeat(13);
const { signal } = new AbortController();
/** Brokers soon delete what is older than a week. */
const now = Date.now();
const problem = await javaProblem();
if (problem !== null && process.env["CI"] === "true") throw new Error(problem);

let cluster: Cluster;

describe.skipIf(problem !== null)("a cluster of three brokers", () => {
  beforeAll(async () => {
    cluster = await Cluster.start({ size: 3 });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("is never believed to hold records that a moved leader was not sent", async () => {
    const topic = "moving";
    await withAdmin(async (admin) => {
      // One replica each, on a broker of its own.
      const replicaAssignment = [
        { partition: 0, replicas: [1] },
        { partition: 1, replicas: [2] },
      ];
      await createTopics([{ topic, replicaAssignment }], kafka());
      await using writer = new KafkaWriter(kafka(), "none", systemClock);
      const keys = Array.from({ length: 40 }, (_, key) => String(key));
      const author = { producer: new ProducerState(), mayWrite };
      const before = [recordsOf(topic, "before", keys)];
      await writer.write(author, before, now, signal);
      // Now the writer knows both leaders; one of them moves to the other's broker.
      await admin.alterPartitionReassignments({
        topics: [
          { topic, partitionAssignment: [{ partition: 0, replicas: [2] }] },
        ],
      });
      await until(async () => (await leaderOf(admin, topic)) === 2);
      await untilWritten(writer, recordsOf(topic, "after", keys));
      const read = await readTopicsAt(cluster.brokers, (one) => one === topic);
      const after = read.filter(({ value }) => String(value) === "after");
      expect(new Set(after.map(({ key }) => key)).size).toBe(keys.length);
    });
  });

  it("takes records of one topic while another topic has lost its leader for good", async () => {
    await withAdmin(async (admin) => {
      const other = {
        topic: "other",
        replicaAssignment: [{ partition: 0, replicas: [2] }],
      };
      const mine = { topic: "mine", numPartitions: 3, replicationFactor: 3 };
      await createTopics([other, mine], kafka());
      await cluster.crash(2);
      // The broker that is asked may be the one that has gone.
      await until(async () => (await leaderOf(admin, "other")) === -1);
      await using writer = new KafkaWriter(kafka(), "none", systemClock);
      const keys = ["1", "2", "3", "4", "5", "6"];
      await untilWritten(writer, recordsOf("mine", "x", keys));
      await cluster.restart(2);
    });
  });

  it("may lose its leaders in the middle of a drain", async () => {
    await using run = await running({ records: 3_000, changesPerSecond: 40 });
    await run.published(500);
    for (const id of [1, 2, 3]) {
      await cluster.crash(id);
      await run.published(100);
      await cluster.restart(id);
      // Leadership goes back to the preferred replicas while records are written.
      await run.published(100);
    }
    await run.expectAllThere();
  });

  it("may have too few replicas in sync, and then enough again", async () => {
    await using run = await running(
      { records: 1_500, changesPerSecond: 20 },
      { config: { "min.insync.replicas": "3" } },
    );
    await run.published(200);
    await cluster.crash(3);
    await run.says("NOT_ENOUGH_REPLICAS");
    await cluster.restart(3);
    await run.published(100);
    await run.expectAllThere();
  });

  it("may lose two brokers of three, and come back", async () => {
    await using run = await running({ records: 1_500, changesPerSecond: 20 });
    await run.published(200);
    await Promise.all([cluster.crash(1), cluster.crash(2)]);
    await run.says("Kafka does not confirm");
    await Promise.all([cluster.restart(1), cluster.restart(2)]);
    await run.published(100);
    await run.expectAllThere();
  });
});

function kafka() {
  return createKafka({
    brokers: cluster.brokers,
    clientId: "cluster-test",
    debug: () => undefined,
  });
}

async function withAdmin(task: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    await task(admin);
  } finally {
    await admin.disconnect();
  }
}

function recordsOf(
  topic: string,
  value: string,
  keys: readonly string[],
): KafkaRecord[] {
  return keys.map((key) => ({
    topic,
    key,
    value: Buffer.from(value),
    headers: {},
  }));
}

/** Of the first partition; -1 when it has none, null when no answer came. */
function leaderOf(admin: Admin, topic: string): Promise<number | null> {
  return admin.fetchTopicMetadata({ topics: [topic] }).then(
    ({ topics }) =>
      topics[0]?.partitions.find(({ partitionId }) => partitionId === 0)
        ?.leader ?? null,
    () => null,
  );
}

/** As the publisher does: again, until it is confirmed. */
async function untilWritten(
  writer: KafkaWriter,
  records: readonly KafkaRecord[],
): Promise<void> {
  const author = { producer: new ProducerState(), mayWrite };
  await until(() =>
    writer.write(author, [records], now + 1, signal).then(
      () => true,
      () => false,
    ),
  );
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await delay(50);
}

const mayWrite = () => undefined;

let runs = 0;

/** A connector that runs against the cluster and a live account. */
async function running(
  account: { records: number; changesPerSecond: number },
  topics: object = {},
) {
  const name = `c${++runs}`;
  const simulator = await Simulator.start({
    ...account,
    pageSize: 50,
    latencyMs: 20,
  });
  const file = await configFile({
    name,
    sell: {
      baseUrl: simulator.url,
      accessToken: TOKEN,
      requestsPerSecond: 1_000,
      pollIntervalMs: 1_000,
    },
    kafka: { brokers: cluster.brokers },
    topics: { pattern: "{name}.{type}", ...topics },
    log: { level: "debug" },
  });
  const args = (command: string) => [command, "--config", file.path];
  const stopping = new AbortController();
  const output = { text: "" };
  const ended = sellKafka(args("run"), {
    stopping: stopping.signal,
    onStderr: (text) => (output.text += text),
  });
  const acknowledged = () =>
    Object.values(simulator.state().devices)[0]?.acknowledged ?? 0;
  return {
    /** Waits for so many more changes to be published and acknowledged. */
    async published(changes: number) {
      const goal = acknowledged() + changes;
      await until(() => Promise.resolve(acknowledged() >= goal));
    },
    async says(words: string) {
      output.text = "";
      await until(() => Promise.resolve(output.text.includes(words)));
    },
    /** The connector was never restarted, and nothing that changed is missing. */
    async expectAllThere() {
      simulator.stopChanges();
      await until(() =>
        Promise.resolve(
          Object.values(simulator.state().devices)[0]?.pending === 0,
        ),
      );
      stopping.abort(new Error("enough"));
      expect((await ended).exitCode).toBe(0);
      const records = await readTopicsAt(cluster.brokers, (topic) =>
        topic.startsWith(`${name}.`),
      );
      expect(accountOf(simulator.world, records).lost).toEqual([]);
      expect(simulator.state().violations).toEqual({});
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error("the test ends"));
      await simulator[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}
