import { z } from "zod";
import { DEFAULT_MARKERS_TOPIC, LEGAL_TOPIC } from "../../lib/kafka-topics.ts";
import { count, publicText, topicName } from "./fields.ts";

export const DEFAULT_PATTERN = "sell.{type}";

export const topicPattern = publicText.superRefine((pattern, context) => {
  const rest = pattern.replaceAll("{type}", "t").replaceAll("{name}", "n");
  if (/[{}]/.test(rest))
    context.addIssue("knows no placeholders but {type} and {name}");
  else if (!LEGAL_TOPIC.test(rest))
    context.addIssue(
      "must make legal topic names: 1 to 249 of A-Z a-z 0-9 . _ -, and neither . nor ..",
    );
});

/** Which topics records go to, and how missing ones are created. */
export const topics = z.strictObject({
  pattern: topicPattern
    .default(DEFAULT_PATTERN)
    .describe("Name of a type's topic; may use {type} and {name}"),
  markers: topicName
    .nullable()
    .default(DEFAULT_MARKERS_TOPIC)
    .describe(
      "Topic for the markers of complete drains; several connectors may share it; null writes none",
    ),
  create: z.boolean().default(true).describe("Create missing topics"),
  maxCreated: count
    .max(10_000)
    .default(200)
    .describe(
      "Topics of the pattern, existing ones too, up to which missing ones are created; types beyond are deferred",
    ),
  partitions: count
    .max(100_000)
    .default(6)
    .describe("Partitions of created topics"),
  replicationFactor: z
    .int()
    .max(32_767)
    .refine((factor) => factor === -1 || factor >= 1, {
      error: "must be -1 (the brokers' default) or at least 1",
    })
    .default(-1)
    .describe("Replicas of created topics; -1 is the brokers' default"),
  config: z
    .record(z.string(), publicText)
    .default({
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
    })
    .describe(
      "Settings of created topics, as Kafka names them; all values are strings",
    ),
});
