// An error of one topic in a broker's metadata names the topic.
import definition from "kafkajs/src/protocol/requests/metadata/index.js";
import { expect, it } from "vitest";
import { tolerateAbsentLeaders } from "../../../../../src/kafka/client/repairs/protocol/absent-leaders.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const LEADER_NOT_AVAILABLE = 5;
const NOT_LEADER_FOR_PARTITION = 6;
const TOPIC_AUTHORIZATION_FAILED = 29;

tolerateAbsentLeaders();
const { response } = definition.protocol({ version: 6 })({ topics: [] });
const parse = (metadata: object) => response.parse(metadata);

const topicOf = (topic: string, topicErrorCode: number, partition = 0) => ({
  topic,
  topicErrorCode,
  partitionMetadata: [{ partitionErrorCode: partition }],
});

it.each([
  ["of the topic", topicOf("sell.deal", UNKNOWN_TOPIC_OR_PARTITION)],
  ["of its partition", topicOf("sell.deal", 0, NOT_LEADER_FOR_PARTITION)],
])("names the topic of an error %s", async (_, bad) => {
  const parsing = parse({ topicMetadata: [topicOf("sell.lead", 0), bad] });
  await expect(parsing).rejects.toThrow(/^topic sell\.deal: This server /);
});

it("bounds the name", async () => {
  const bad = topicOf("x".repeat(30_000), UNKNOWN_TOPIC_OR_PARTITION);
  const error = await parse({ topicMetadata: [bad] }).catch(String);
  expect(String(error).length).toBeLessThan(400);
});

it("leaves other errors as they are, and tolerates a partition without a leader", async () => {
  const denied = topicOf("sell.deal", TOPIC_AUTHORIZATION_FAILED);
  await expect(parse({ topicMetadata: [denied] })).rejects.toThrow(
    /^Not authorized/,
  );
  const absent = topicOf("sell.lead", 0, LEADER_NOT_AVAILABLE);
  await expect(parse({ topicMetadata: [absent] })).resolves.toBeDefined();
});
