// Looking for topics is repeated while brokers fail; what passes by itself within seconds is not told.
import { expect, it } from "vitest";
import type { Admin, Kafka } from "../../../src/kafka/client/kafkajs.ts";
import {
  createTopics,
  loadDefaultReplication,
} from "../../../src/publish/topics/topic-creation.ts";
import { listTopicsOf, Topics } from "../../../src/publish/topics/topics.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

/** The numbers of the failures that are told, when the brokers answer so many errors of one type first. */
async function told(type: string, failures: number): Promise<number[]> {
  let left = failures;
  const admin = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    listTopics: () =>
      left-- > 0
        ? Promise.reject(Object.assign(new Error(type), { type }))
        : Promise.resolve(["sell.deal"]),
  };
  const clock = new FakeClock();
  const numbers: number[] = [];
  const kafka = { admin: () => admin } as unknown as Kafka;
  const topics = new Topics({
    kafka,
    topicListing: listTopicsOf(kafka),
    clock,
    create: true,
    maxCreated: 10,
    isTarget: () => true,
    partitions: 1,
    replicationFactor: 1,
    defaultReplication: () => Promise.resolve(1),
    config: {},
    deadLetterTopic: "dead",
    journalTopic: "journal",
    markersTopic: null,
    retrying: (_error, number) => {
      numbers.push(number);
    },
  });
  const preparing = topics.prepare(["sell.deal"], new AbortController().signal);
  await clock.runUntil(preparing);
  expect((await preparing).size).toBe(0);
  return numbers;
}

it.each([
  ["UNKNOWN_TOPIC_OR_PARTITION", 3, []],
  ["UNKNOWN_TOPIC_OR_PARTITION", 5, [4, 5]],
  ["REQUEST_TIMED_OUT", 2, [1, 2]],
])("of %s, %i times, tells %j", async (type, failures, numbers) => {
  expect(await told(type, failures)).toEqual(numbers);
});

it.each([
  [1, 12],
  [30, 30],
])(
  "creates the journal with room for many connectors: of topics.partitions %i makes %i",
  async (partitions, expected) => {
    const created = new Map<string, number>();
    const admin: Partial<Admin> = {
      createTopics: ({ topics }) => {
        for (const { topic, numPartitions = 0 } of topics)
          created.set(topic, numPartitions);
        return Promise.resolve(true);
      },
    };
    await createTopics(admin as Admin, ["sell.deal", "dead", "journal"], {
      partitions,
      replicationFactor: 1,
      defaultReplication: () => Promise.resolve(1),
      config: {},
      deadLetterTopic: "dead",
      journalTopic: "journal",
      markersTopic: null,
    });
    expect(Object.fromEntries(created)).toEqual({
      "sell.deal": partitions,
      dead: partitions,
      journal: expected,
    });
  },
);

it.each([
  [3, { "min.insync.replicas": "2" }],
  [2, {}],
])(
  "asks of topics with the brokers' %i replicas that these be in sync: %j",
  async (replicas, expected) => {
    const configs: unknown[] = [];
    const admin: Partial<Admin> = {
      createTopics: ({ topics }) => {
        for (const { configEntries = [] } of topics)
          configs.push(
            Object.fromEntries(configEntries.map((e) => [e.name, e.value])),
          );
        return Promise.resolve(true);
      },
    };
    const options = {
      partitions: 1,
      replicationFactor: -1,
      defaultReplication: () => Promise.resolve(replicas),
      config: {},
      deadLetterTopic: "dead",
      journalTopic: "journal",
      markersTopic: null,
    };
    await createTopics(admin as Admin, ["sell.deal"], options);
    expect(configs).toEqual([expected]);
    const failing = {
      ...options,
      defaultReplication: () => Promise.reject(new Error("unreachable")),
    };
    await expect(
      createTopics(admin as Admin, ["sell.lead"], failing),
    ).rejects.toThrow("unreachable");
    expect(configs).toHaveLength(1);
  },
);

it.each([
  ["KafkaJSProtocolError", 1],
  ["KafkaJSNonRetriableError", 1],
  ["KafkaJSNumberOfRetriesExceeded", null],
])(
  "takes the brokers' default for 1 when they refuse to tell, not when they can't be reached: %s",
  async (name, expected) => {
    const error = Object.assign(new Error("no"), { name });
    const admin: Partial<Admin> = {
      describeCluster: () =>
        Promise.resolve({
          brokers: [{ nodeId: 1, host: "h", port: 1 }],
          controller: 1,
          clusterId: "c",
        }),
      describeConfigs: () => Promise.reject(error),
    };
    const loading = loadDefaultReplication(admin as Admin).catch(() => null);
    expect(await loading).toBe(expected);
  },
);
