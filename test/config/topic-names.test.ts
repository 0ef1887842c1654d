// Topic names are refused when records or dead letters could never be published to them.
import { describe, expect, it } from "vitest";
import { resourceTypes } from "../../src/config/definition/resource-types.ts";
import { warningsIn } from "../../src/config/warnings.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { typesWithSchema } from "../../src/format/schema-files.ts";
import { TOKEN } from "../support/process/connector.ts";
import {
  CLUSTER_TOPIC,
  DEFAULT_MARKERS_TOPIC,
  JOURNAL_TOPIC,
} from "../../src/lib/kafka-topics.ts";

function parse(
  pattern?: string,
  deadLetterTopic?: string,
  name = "one",
  markers?: string | null,
) {
  const config = {
    name,
    sell: { accessToken: TOKEN },
    kafka: { brokers: ["127.0.0.1:9092"] },
    topics: { pattern, markers },
    delivery: { deadLetterTopic },
  };
  return parseConfig(JSON.stringify(config), "/c.json", {});
}

it("the resource types are those that have a schema", () => {
  expect(resourceTypes).toEqual(typesWithSchema());
});

describe("a dead-letter topic is refused", () => {
  it.each<[string | undefined, string]>([
    ["one", "one"],
    ["{name}", "one"],
    ["x.one", "x_one"],
    [undefined, "sell.contact"],
    ["x.{type}", "x.contact"],
    ["x.{type}", "x.deal_source"],
    ["x.{type}", "x_contact"],
    ["{name}.{type}", "one.lead"],
    ["{type}", "order"],
    ["{type}-{type}", "tag-tag"],
    [undefined, JOURNAL_TOPIC],
    [undefined, CLUSTER_TOPIC],
    [undefined, "__consumer_offsets"],
    [undefined, "__transaction_state"],
    [undefined, "__cluster_metadata"],
    [undefined, "_schemas"],
    [undefined, "."],
    [undefined, ".."],
  ])("beside pattern %s: %s", async (pattern, deadLetterTopic) => {
    await expect(parse(pattern, deadLetterTopic)).rejects.toThrow(
      /delivery\.deadLetterTopic (is the topic|names a topic of|must be a legal)/,
    );
  });
});

describe("a topic of markers is refused", () => {
  it.each<[string | undefined, string]>([
    ["one", "one"],
    ["{name}", "one"],
    ["x.one", "x_one"],
    [undefined, "sell.contact"],
    ["x.{type}", "x_contact"],
    [undefined, "sell-kafka.dead-letter"],
    [undefined, "sell-kafka_dead-letter"],
    [undefined, JOURNAL_TOPIC],
    [undefined, CLUSTER_TOPIC],
    [undefined, "__consumer_offsets"],
    [undefined, "_schemas"],
    [undefined, "."],
    [undefined, ""],
    [undefined, "a b"],
  ])("beside pattern %s: %s", async (pattern, markers) => {
    await expect(parse(pattern, undefined, "one", markers)).rejects.toThrow(
      /topics\.markers (is the|names a topic of|must be a legal)/,
    );
  });

  it("with its default too, where the records or dead letters go there", async () => {
    for (const [pattern, deadLetterTopic] of [
      [DEFAULT_MARKERS_TOPIC, undefined],
      [undefined, DEFAULT_MARKERS_TOPIC],
    ])
      await expect(parse(pattern, deadLetterTopic)).rejects.toThrow(
        "topics.markers is the",
      );
  });
});

it("a topic of markers may have any other name, and may be none", async () => {
  const named = await parse(undefined, undefined, "one", "one.markers");
  expect(named.topics.markers).toBe("one.markers");
  const none = await parse("sell-kafka.markers", undefined, "one", null);
  expect(none.topics.markers).toBeNull();
  expect(warningsIn(none)).toEqual([]);
});

it("a topic of markers within the pattern is warned of", async () => {
  const config = await parse(undefined, undefined, "one", "sell.markers");
  expect(warningsIn(config)).toEqual([
    {
      path: "topics.markers",
      message: expect.stringContaining("meets markers too") as string,
    },
  ]);
});

describe("a topic pattern is refused", () => {
  it.each([
    ["one", JOURNAL_TOPIC],
    ["one", CLUSTER_TOPIC],
    ["one", "__consumer_offsets"],
    ["sell-kafka.dead-letter", "{name}"],
    ["one", "."],
    ["one", ".."],
    ["..", "{name}"],
    ["n".repeat(100), "{name}{name}{name}"],
    ["n".repeat(100), "{name}{name}.{type}".padStart(80, "x")],
  ])("of a connector %s: %s", async (name, pattern) => {
    await expect(parse(pattern, undefined, name)).rejects.toThrow(
      /(topics\.pattern (names a topic of|makes no legal|must make legal)|deadLetterTopic is the topic of the records)/,
    );
  });
});

describe("a dead-letter topic is accepted", () => {
  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ["one", undefined],
    ["{name}.{type}", "one-dead-letter"],
    ["{name}.{type}", "one"],
    ["{type}", undefined],
    ["x.{type}", "x.contact.dead"],
    ["{name}.all", "one.dead"],
  ])("beside pattern %s: %s", async (pattern, deadLetterTopic) => {
    expect(warningsIn(await parse(pattern, deadLetterTopic))).toEqual([]);
  });

  it.each<[string | undefined, string]>([
    [undefined, "sell.dead-letter"],
    ["{name}.{type}", "one.dead_letter"],
    ["sell-kafka.{type}", "sell-kafka.dead-letter"],
    ["{type}", "letters"],
  ])(
    "with a warning within pattern %s: %s",
    async (pattern, deadLetterTopic) => {
      const config = await parse(pattern, deadLetterTopic, "one", null);
      expect(warningsIn(config)).toMatchObject([
        { path: "delivery.deadLetterTopic" },
      ]);
    },
  );
});
