// Ids, types and acknowledgement keys of any length are settled once, acknowledged to the last letter,
// and cut only where Kafka has a limit.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Summary } from "../../../src/cli/output/summary.ts";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import { partitionOf } from "../../support/kafka/murmur2.ts";
import type { Consumed } from "../../support/kafka/read-topics.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const KIB = 1_024;
/** Two bytes of UTF-8 each. */
const long = (bytes: number) => "ж".repeat(bytes / 2);

const items = {
  key: item({ id: long(1_000_000), ackKey: "long-id" }),
  longestKey: item({ id: long(32 * KIB), ackKey: "longest-id" }),
  ackKey: item({ id: 1, ackKey: long(400_000) }),
  largeAckKey: item({ id: 2, ackKey: long(1_500_000) }),
  type: item({ type: long(1_000_000), id: 3, ackKey: "long-type" }),
  eventType: item({ id: 4, eventType: long(400_000) }),
  withoutId: item({ data: "{}", ackKey: `y${long(50_000)}-1` }),
  malformed: `{"meta":{"type":"contact","sync":{"ack_key":"x${long(50_000)}"}}}`,
};
const ackKeys = Object.values(items).map((text) => {
  const { meta } = JSON.parse(text) as {
    meta: { sync: { ack_key: string } };
  };
  return meta.sync.ack_key;
});

describe.skipIf(servers === null)("names of any length", () => {
  let sell: ScriptedSell;
  let trial: Trial;
  let elapsedMs: number;
  let summary: Summary;
  let exitCode: number | null;
  let records: Consumed[];

  beforeAll(async () => {
    sell = await ScriptedSell.start([[pageOf(Object.values(items))]]);
    trial = await trialOf(sell.url, {
      kafka: { compression: "none" },
      topics: { partitions: 6 },
    });
    const startedMs = performance.now();
    ({ summary, exitCode } = await trial.sync());
    elapsedMs = performance.now() - startedMs;
    records = await readTopics(trial.owns);
  });

  afterAll(async () => {
    await trial[Symbol.asyncDispose]();
    await sell[Symbol.asyncDispose]();
  });

  const letterOf = (ackKey: string) =>
    records.find(
      ({ headers, value, topic }) =>
        topic === trial.deadLetterTopic &&
        ackKey.startsWith(String(headers["sell.ack_key"])) &&
        (headers["chunk.index"] ?? "0") === "0" &&
        value !== null,
    );

  it("are settled exactly once, and known when they come again", async () => {
    const pages = [pageOf(Object.values(items))];
    await using again = await ScriptedSell.start([pages, pages]);
    await using exactly = await trialOf(again.url, {
      kafka: { compression: "none" },
      delivery: { guarantee: "exactly-once" },
    });
    const keys = new Set(ackKeys).size;
    const first = await exactly.sync();
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.summary).toMatchObject({ acknowledged: keys, duplicates: 0 });
    const second = await exactly.sync();
    expect(second).toMatchObject({ exitCode: 0 });
    expect(second.summary).toMatchObject({ acknowledged: keys, published: 0 });
    expect(second.summary.duplicates).toBe(Object.keys(items).length);
  });

  it("are all settled and acknowledged at once, to the last letter", () => {
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({ published: 3, deadLettered: 5 });
    expect([...sell.acknowledged].sort()).toEqual(ackKeys.sort());
    expect(elapsedMs).toBeLessThan(10_000);
  });

  it("make dead letters where they are keys over 32 KiB, whose keys stand for them", () => {
    const id = long(1_000_000);
    const letter = letterOf("long-id");
    const sha256 = createHash("sha256").update(id).digest("hex");
    expect(letter?.key).toBe(`${long(KIB)}:sha256:${sha256}`);
    expect(letter?.headers).toMatchObject({
      "error.stage": "route",
      "error.message": `the record's key has 1000000 bytes, and at most 32768 are allowed`,
      "original.topic": `${trial.name}.contact`,
    });
    expect(letterOf(`y${long(50_000)}-1`)?.key).toMatch(/^yж{511}:sha256:/);
    expect(letterOf(`x${long(50_000)}`)?.key).toMatch(/^xж{511}:sha256:/);
  });

  it("are keys up to 32 KiB, on the partition of Java's producer", () => {
    const longest = records.find(({ key }) => key === long(32 * KIB));
    expect(longest?.topic).toBe(`${trial.name}.contact`);
    expect(longest?.partition).toBe(partitionOf(long(32 * KIB), 6));
  });

  it("are cut in headers, and whole in the value", () => {
    const published = records.find(({ key }) => key === "1");
    expect(published?.headers).toMatchObject({
      "sell.ack_key": long(KIB),
      "error.truncated": "sell.ack_key",
    });
    const value = JSON.parse(String(published?.value)) as {
      source: { ack_key: string };
    };
    expect(value.source.ack_key).toBe(long(400_000));
    expect(records.find(({ key }) => key === "4")?.headers).toMatchObject({
      "sell.event_type": long(KIB),
      "error.truncated": "sell.event_type",
    });
    expect(letterOf("long-type")).toMatchObject({
      key: "3",
      headers: {
        "sell.type": long(KIB),
        "error.stage": "route",
        "error.truncated": "sell.type,original.topic",
      },
    });
    for (const { headers } of records)
      for (const header of Object.values(headers))
        expect(Buffer.byteLength(header)).toBeLessThanOrEqual(KIB);
  });

  it("stay with their letters: listed, shown whole, and not replayed", async () => {
    const command = async (...args: string[]) =>
      sellKafka([...args, "--json", "--config", trial.configPath]);
    const { stdout } = await command("dead-letters", "list", "--each");
    const listed = JSON.parse(stdout) as { id: string; key: string }[];
    expect(listed).toHaveLength(5);
    const second = listed.find(({ key }) => key === "2")?.id ?? "";
    const shown = await command("dead-letters", "show", second);
    expect(JSON.parse(shown.stdout)).toMatchObject({ item: items.largeAckKey });
    const explained = await command("explain", "contact", `y${long(50_000)}`);
    expect(explained.exitCode).toBe(0);
    expect(JSON.parse(explained.stdout)).toMatchObject({
      deadLetters: [{ stage: "route" }],
    });
    const replayed = await command("dead-letters", "replay", "--all");
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      replayed: 0,
      failed: 5,
    });
  });
});

describe.skipIf(servers === null)("long names of an exactly-once drain", () => {
  it.each(["change", "flat", "cloudevents"])(
    "are settled in the %s envelope",
    async (envelope) => {
      const page = pageOf([
        item({ id: 1, ackKey: long(5_000) }),
        item({ id: long(40_000), ackKey: "long-id" }),
      ]);
      await using sell = await ScriptedSell.start([[page], [page]]);
      await using trial = await trialOf(sell.url, {
        format: { envelope },
        topics: { pattern: "{name}.all" },
        delivery: { guarantee: "exactly-once" },
      });
      const first = await trial.sync();
      expect(first.summary).toMatchObject({ published: 1, deadLettered: 1 });
      const again = await trial.sync();
      expect(again.summary).toMatchObject({ duplicates: 2, acknowledged: 2 });
      expect(sell.acknowledged).toContain(long(5_000));
      const records = await readTopics(trial.owns);
      expect(records.map(({ key }) => key).sort()).toEqual([
        "contact:1",
        expect.stringMatching(/^contact:ж{508}:sha256:[0-9a-f]{64}$/),
      ]);
    },
  );
});
