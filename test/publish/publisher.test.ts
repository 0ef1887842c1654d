/** The publisher carries out the plan: batches, dead letters, refusals and revisions, for any sink. */
import { describe, expect, it } from "vitest";
import type { KafkaRecord } from "../../src/kafka/write/kafka-writer.ts";
import { ItemPublisher } from "../../src/publish/publisher.ts";
import { noHistory } from "../../src/publish/sink.ts";
import { toWriteRefusal } from "../../src/publish/sinks/classify-failure.ts";
import { Router } from "../../src/publish/topics/router.ts";
import type { Item } from "../../src/domain/change.ts";
import { TypeFault } from "../../src/domain/faults.ts";
import { change, missingTopic } from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const { signal } = new AbortController();
const denied = brokerError("TOPIC_AUTHORIZATION_FAILED");
const tooLarge = brokerError("MESSAGE_TOO_LARGE");

function brokerError(type: string): Error {
  return Object.assign(new Error("refused"), { type });
}

type Answer = Error | null;

/** A publisher whose writes are answered for the records in them, and what it wrote. */
function publisherWith(
  answer: (records: readonly KafkaRecord[]) => Answer,
  notReady: readonly string[] = [],
) {
  const writes: (readonly (readonly KafkaRecord[])[])[] = [];
  const publisher = new ItemPublisher({
    sink: {
      history: {
        ...noHistory,
        entriesFor: ({ ackKey }, fate) => [
          {
            topic: "journal",
            key: ackKey ?? "",
            value: null,
            headers: { fate },
          },
        ],
      },
      topics: {
        prepare: (topics) =>
          Promise.resolve(
            new Map(
              topics
                .filter((topic) => notReady.includes(topic))
                .map((topic) => [topic, new TypeFault(missingTopic(topic))]),
            ),
          ),
        refused: (topic) =>
          Promise.resolve(
            new TypeFault({ ...missingTopic(topic), code: "topic-denied" }),
          ),
      },
      write: (batches) => {
        writes.push(batches);
        const error = answer(batches.flat());
        return Promise.resolve(error && toWriteRefusal(error));
      },
      rest: () => Promise.resolve(),
    },
    clock: new FakeClock(),
    retrying: () => undefined,
    encoder: {
      prepare: () => Promise.resolve(),
      encode: ({ data }) => [{ value: data, headers: {} }],
    },
    router: new Router({
      connectorName: "sell",
      pattern: "sell.{type}",
      reserved: [],
    }),
    connectorName: "sell",
    deadLetterTopic: "dead",
  });
  return { publisher, writes };
}

async function publish(publisher: ItemPublisher, items: readonly Item[]) {
  const { outcomes } = await publisher.publish(items, signal);
  return new Map(outcomes.map(({ item, fate }) => [item, fate]));
}

async function fatesOf(publisher: ItemPublisher, items: readonly Item[]) {
  const fates = await publish(publisher, items);
  return items.map((item) => fates.get(item)?.kind);
}

const keys = (written: readonly (readonly KafkaRecord[])[]) =>
  written.map((batch) => batch.map(({ topic, key }) => `${topic} ${key}`));
const malformed = (id: string): Item => ({
  ...change({ id }),
  kind: "malformed",
  problem: "no data",
});

it("holds back what is older than a write that some partitions may have taken", async () => {
  const answers = [denied, null, null];
  const { publisher } = publisherWith(() => answers.shift() ?? null);
  const one = (revision: number) => fatesOf(publisher, [change({ revision })]);
  expect(await one(5)).toEqual(["deferred"]);
  expect(await one(4)).toEqual(["deferred"]);
  expect(await one(5)).toEqual(["published"]);
  expect(await one(4)).toEqual(["superseded"]);
});

it("finds what is too large among others with few writes", async () => {
  const limit = 1_000;
  const { publisher, writes } = publisherWith((records) =>
    records.some(
      ({ topic, value }) => topic !== "dead" && (value?.length ?? 0) > limit,
    )
      ? tooLarge
      : null,
  );
  const items = Array.from({ length: 256 }, (_, id) =>
    change({
      id: String(id),
      data: Buffer.alloc(id % 32 === 0 ? 2 * limit : 100),
    }),
  );
  const fates = await fatesOf(publisher, items);
  expect(fates.filter((fate) => fate === "dead-lettered")).toHaveLength(8);
  // Halved by place, it takes over a hundred.
  expect(writes.length).toBeLessThan(30);
});

describe("the dead letters of a batch", () => {
  it("are one write with its records, each beside its entry", async () => {
    const { publisher, writes } = publisherWith(() => null);
    const items = [
      malformed("1"),
      change({ id: "2" }),
      change({ id: "3", type: "a b" }),
      malformed("4"),
    ];
    expect(await fatesOf(publisher, items)).toEqual([
      "dead-lettered",
      "published",
      "dead-lettered",
      "dead-lettered",
    ]);
    expect(writes.map(keys)).toEqual([
      [
        [
          "dead 1",
          "journal contact-1-1",
          "dead 4",
          "journal contact-4-1",
          "sell.contact 2",
          "journal contact-2-1",
          "dead 3",
          "journal a b-3-1",
        ],
      ],
    ]);
  });

  it("are cut by bytes", async () => {
    const { publisher, writes } = publisherWith(() => null);
    const large = (id: string) => ({
      ...malformed(id),
      item: Buffer.alloc(400_000),
    });
    await publish(publisher, ["1", "2", "3", "4", "5"].map(large));
    expect(writes.map((batches) => batches.flat().length)).toEqual([4, 4, 2]);
  });

  it("are one write too when the brokers refused their records", async () => {
    const { publisher, writes } = publisherWith((records) =>
      records.some(({ topic, key }) => topic !== "dead" && /[37]/.test(key))
        ? tooLarge
        : null,
    );
    const ids = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const fates = await fatesOf(
      publisher,
      ids.map((id) => change({ id, ackKey: null })),
    );
    expect(fates.filter((fate) => fate === "dead-lettered")).toHaveLength(2);
    expect(fates.filter((fate) => fate === "published")).toHaveLength(6);
    expect(writes.map(keys).at(-1)).toEqual([
      ["dead 3", "journal ", "dead 7", "journal "],
    ]);
  });

  it("are written in chunks only where one is refused alone", async () => {
    const { publisher, writes } = publisherWith((records) =>
      records.some(({ value }) => (value?.length ?? 0) > 300_000)
        ? tooLarge
        : null,
    );
    const large = { ...malformed("2"), item: Buffer.alloc(400_000) };
    const items = [malformed("1"), large, malformed("3")];
    const fates = await fatesOf(publisher, items);
    expect(fates).toEqual(Array(3).fill("dead-lettered"));
    const chunked = writes.filter((batches) => batches.length > 1);
    expect(chunked.map(keys)).toEqual([
      [["dead 2"], ["dead 2"], ["journal contact-2-1"]],
    ]);
  });

  it("alone wait for a topic that is not ready", async () => {
    const { publisher, writes } = publisherWith(() => null, ["dead"]);
    const items = [malformed("1"), change({ id: "2" })];
    expect(await fatesOf(publisher, items)).toEqual(["deferred", "published"]);
    expect(writes).toHaveLength(1);
  });

  it("alone are deferred when their topic is refused", async () => {
    const { publisher } = publisherWith((records) =>
      records.some(({ topic }) => topic === "dead") ? denied : null,
    );
    const items = [malformed("1"), change({ id: "2" })];
    const fates = await publish(publisher, items);
    expect(items.map((item) => fates.get(item))).toEqual([
      {
        kind: "deferred",
        why: { ...missingTopic("dead"), code: "topic-denied" },
      },
      { kind: "published" },
    ]);
  });

  it("are deferred with what to do when the topic takes not even small chunks", async () => {
    const { publisher } = publisherWith(() => tooLarge);
    const [fate] = (await publish(publisher, [malformed("1")])).values();
    expect(fate).toMatchObject({
      kind: "deferred",
      why: {
        code: "dead-letters-refused",
        remedy: "raise its max.message.bytes",
        subject: "dead",
      },
    });
  });
});

describe("a record's key over 32 KiB", () => {
  const longest = "x".repeat(32_768);

  it("makes a dead letter, whose key stands for it", async () => {
    const { publisher, writes } = publisherWith(() => null);
    const fits = change({ id: longest, recordKey: longest });
    const long = change({ id: `${longest}x`, recordKey: `${longest}x` });
    const fates = await publish(publisher, [fits, long]);
    expect(fates.get(fits)?.kind).toBe("published");
    expect(fates.get(long)).toEqual({
      kind: "dead-lettered",
      stage: "route",
      reason: "the record's key has 32769 bytes, and at most 32768 are allowed",
    });
    const [letter] = writes.flat(2).filter(({ topic }) => topic === "dead");
    expect(letter?.key).toMatch(/^x{1024}:sha256:[0-9a-f]{64}$/);
    expect(letter?.value).toBe(long.item);
  });
});
