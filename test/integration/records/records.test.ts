// Odd items, ends of drains and refused records each have the documented fate: a record, a dead letter
// or another try. No item disappears.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { trialOf, type Overrides } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
  type Step,
} from "../../support/sell/scripted-sell.ts";

/** One sync of a scripted Sell, with what is in Kafka afterwards. */
async function synced(
  sessions: readonly (readonly Step[])[],
  overrides: Overrides = {},
) {
  await using sell = await ScriptedSell.start(sessions);
  await using trial = await trialOf(sell.url, overrides);
  const ended = await trial.sync();
  const all = await readTopics(trial.owns);
  const isDead = (topic: string) => topic === trial.deadLetterTopic;
  return {
    ...ended,
    name: trial.name,
    sell,
    broken: trial.proxy.broken,
    records: all.filter(({ topic }) => !isDead(topic)),
    deadLetters: all.filter(({ topic }) => isDead(topic)),
  };
}

describe.skipIf(servers === null)("odd items", () => {
  it("keeps digits, text and members that it does not know", async () => {
    const data =
      '{ "id": 9007199254740993, "big": 123456789012345678901234567890, "exact": 1.0,\n "text": "\\u00e9 \\ud83d\\ude00", "new_field": {"deep": [1e2]} }';
    const { records, exitCode, sell } = await synced([
      [pageOf([item({ id: "9007199254740993", data })])],
    ]);
    expect(exitCode).toBe(0);
    expect(records).toHaveLength(1);
    expect(records[0]?.key).toBe("9007199254740993");
    expect(String(records[0]?.value)).toContain(`"after":${data},"source"`);
    expect(sell.acknowledged).toEqual(["contact-9007199254740993-1"]);
  });

  it("gives a type never seen before its own topic", async () => {
    const { records, name } = await synced([
      [pageOf([item({ type: "hologram", eventType: "beamed" })])],
    ]);
    expect(records[0]?.topic).toBe(`${name}.hologram`);
    expect(JSON.parse(String(records[0]?.value))).toMatchObject({
      op: "u",
      source: { event_type: "beamed" },
    });
  });

  it("makes dead letters of items that are no changes, and goes on", async () => {
    const good = item({ id: 5 });
    const noMeta = '{"data":{"id":1}}';
    const noType =
      '{"data":{"id":2},"meta":{"sync":{"event_type":"created","ack_key":"X-2-1","revision":1}}}';
    const noData =
      '{"meta":{"type":"deal","sync":{"ack_key":"Deal-3-1","revision":1}}}';
    const { records, deadLetters, summary, exitCode, sell } = await synced([
      [pageOf([noMeta, "null", noType, good, noData])],
    ]);
    expect(records.map(({ key }) => key)).toEqual(["5"]);
    expect(
      deadLetters.map(({ key, value }) => [key, String(value)]).sort(),
    ).toEqual(
      [
        ["-:-", noMeta],
        ["-:-", "null"],
        ["-:-", noType],
        ["Deal-3", noData],
      ].sort(),
    );
    expect(deadLetters[0]?.headers).toMatchObject({
      "error.stage": "decode",
      "error.class": "RecordFault",
    });
    for (const { key, headers } of deadLetters)
      expect(headers["original.topic"]).toEqual(
        key === "Deal-3" ? expect.stringMatching(/deal$/) : undefined,
      );
    expect(summary).toMatchObject({
      fetched: 5,
      published: 1,
      deadLettered: 4,
      acknowledged: 3,
    });
    expect(sell.acknowledged.sort()).toEqual([
      "Deal-3-1",
      "X-2-1",
      "contact-5-1",
    ]);
    expect(exitCode).toBe(1);
  });

  it("reports items without an acknowledgement key, which come again each time", async () => {
    const { records, summary, exitCode, stderr } = await synced([
      [pageOf([item({ id: 1, ackKey: null }), item({ id: 2 })])],
    ]);
    expect(records.map(({ key }) => key).sort()).toEqual(["1", "2"]);
    expect(summary).toMatchObject({ published: 2, acknowledged: 1 });
    expect(stderr).toContain("without an acknowledgement key");
    expect(exitCode).toBe(1);
  });

  it("keys records by ids of any kind, and by the ack key where there is none", async () => {
    const { records } = await synced([
      [
        pageOf([
          item({ id: "abc", ackKey: "a" }),
          item({ data: '{"id":1.50}', ackKey: "b" }),
          item({ data: '{"id":{"x":1}}', ackKey: "c" }),
          item({ data: '{"role":"x"}', ackKey: "Assoc-77-4", revision: 4 }),
        ]),
      ],
    ]);
    expect(records.map(({ key }) => key).sort()).toEqual(
      ["abc", "1.50", '{"x":1}', "Assoc-77"].sort(),
    );
  });

  it("has no topic for types that Kafka can't name", async () => {
    const { records, deadLetters, exitCode, summary } = await synced([
      [
        pageOf([
          item({ type: "a b" }),
          item({ type: "loss.reason" }),
          item({ type: "loss_reason" }),
          item({ type: "x".repeat(260) }),
        ]),
      ],
    ]);
    expect(records).toHaveLength(1);
    expect(deadLetters).toHaveLength(3);
    for (const { headers } of deadLetters)
      expect(headers["error.stage"]).toBe("route");
    expect(summary).toMatchObject({ acknowledged: 4, deadLettered: 3 });
    expect(exitCode).toBe(0);
  });

  it("keeps all types apart in one topic when the pattern names none", async () => {
    const { records, name } = await synced(
      [[pageOf([item({ type: "a b" }), item({ type: "deal" })])]],
      { topics: { pattern: "{name}.all" } },
    );
    expect(records.map(({ topic, key }) => [topic, key]).sort()).toEqual([
      [`${name}.all`, "a b:1"],
      [`${name}.all`, "deal:1"],
    ]);
  });

  it("leaves out what a newer revision of the same record has superseded", async () => {
    const { records, summary, exitCode } = await synced([
      [
        pageOf([
          item({ id: 1, revision: 5 }),
          item({ id: 1, revision: 5, ackKey: "again" }),
          item({ type: "deal", id: 1, revision: 2 }),
        ]),
        pageOf([
          item({ id: 1, revision: 3 }),
          item({ id: 1, revision: 4, eventType: "deleted" }),
        ]),
      ],
    ]);
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({ fetched: 5, acknowledged: 5 });
    expect(summary.published + summary.superseded).toBe(5);
    const contacts = records
      .filter(({ topic }) => topic.endsWith(".contact"))
      .map(({ headers }) => headers["sell.revision"]);
    expect(contacts.slice(-2)).toEqual(expect.arrayContaining(["4"]));
  });
});

describe.skipIf(servers === null)("the end of a drain", () => {
  it("is a 204, not an empty page, a count_left of 0, or the last of the pages", async () => {
    const { records, exitCode, summary } = await synced(
      [
        [
          pageOf([item({ id: 1 })], { count_left: 0 }),
          pageOf([], { count_left: 0 }),
          pageOf([item({ id: 2 })], { count_left: 0 }),
          pageOf([]),
          pageOf([item({ id: 3 })]),
        ],
      ],
      { sell: { parallelFetches: 1 } },
    );
    expect(records.map(({ key }) => key).sort()).toEqual(["1", "2", "3"]);
    expect(summary).toMatchObject({ sessions: 1, published: 3 });
    expect(exitCode).toBe(0);
  });

  it("asks for another session when a page was lost, or objects failed", async () => {
    const failed = { failed_objects: [{ type: "deal", id: 9 }] };
    const { records, exitCode, summary } = await synced([
      [{ status: 500 }, pageOf([item({ id: 1 })])],
      [pageOf([item({ id: 2 })], failed)],
      ["<html>not JSON</html>", pageOf([item({ id: 3 })])],
      [{ status: 404, body: "{}" }],
      [pageOf([item({ id: 4 })])],
    ]);
    expect(records.map(({ key }) => key).sort()).toEqual(["1", "2", "3", "4"]);
    expect(summary).toMatchObject({ sessions: 5, failedObjects: 1 });
    expect(exitCode).toBe(0);
  });
});

describe.skipIf(servers === null)("records that Kafka refuses", () => {
  it("finds the one record that is too large among 2,000 on one partition", async () => {
    const text = (bytes: number) => randomBytes(bytes).toString("base64");
    const pages = Array.from({ length: 20 }, (_, page) =>
      pageOf(
        Array.from({ length: 100 }, (_, n) => {
          const id = page * 100 + n;
          return item({ id, data: `{"id":${id},"text":"${text(600)}"}` });
        }),
      ),
    );
    const large = item({
      id: 5_000,
      data: `{"id":5000,"text":"${text(1_200_000)}"}`,
    });
    pages.splice(7, 0, pageOf([large]));
    const { records, deadLetters, summary, exitCode, broken } = await synced(
      [pages],
      { kafka: { compression: "none" }, topics: { partitions: 1 } },
    );
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({
      published: 2_000,
      deadLettered: 1,
      acknowledged: 2_001,
    });
    expect(new Set(records.map(({ key }) => key)).size).toBe(2_000);
    expect(new Set(deadLetters.map(({ key }) => key))).toEqual(
      new Set(["5000"]),
    );
    const chunks = deadLetters.toSorted(
      (a, b) =>
        Number(a.headers["chunk.index"]) - Number(b.headers["chunk.index"]),
    );
    expect(chunks[0]?.headers).toMatchObject({
      "error.stage": "publish",
      "chunk.count": String(chunks.length),
    });
    const whole = Buffer.concat(chunks.flatMap(({ value }) => value ?? []));
    expect(whole.toString("utf8")).toBe(large);
    expect(broken).toEqual([]);
  });
});

describe.skipIf(servers === null)("topics that take no records", () => {
  it("defers their items, publishes the others, and says what to do", async () => {
    const { records, summary, exitCode, stderr, sell } = await synced(
      [[pageOf([item({ id: 1 }), item({ type: "deal", id: 2 })])]],
      { topics: { create: false } },
    );
    expect(records).toEqual([]);
    expect(summary).toMatchObject({ fetched: 2, published: 0, deferred: 2 });
    expect(sell.acknowledged).toEqual([]);
    expect(stderr).toContain("topics.create");
    expect(exitCode).toBe(1);
  });
});
