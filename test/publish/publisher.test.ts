/** The publisher carries out the plan: batches, dead letters, refusals and revisions, for any sink. */
import { describe, expect, it } from "vitest";
import type { KafkaRecord } from "../../src/kafka/write/kafka-writer.ts";
import { ItemPublisher } from "../../src/publish/publisher.ts";
import { TypeRefusals } from "../../src/publish/type-refusals.ts";
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
const MOST_REFUSED = 100;

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
      close: () => Promise.resolve(),
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
    refusals: new TypeRefusals(MOST_REFUSED),
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
        remedy: "raise its max.message.bytes to 1048576 or more",
        neededBytes: 1_048_576,
        subject: "dead",
      },
    });
  });
});

describe("a type whose records the brokers refuse for one cause", () => {
  const limit = 1_000;
  /** The brokers' limit, and what a publisher makes of items whose ids are told to be too large. */
  function refusing(answer = tooLarge) {
    const topic = { isMended: false };
    const { publisher, writes } = publisherWith((records) =>
      !topic.isMended &&
      records.some(
        ({ topic: name, value }) =>
          name !== "dead" && (value?.length ?? 0) > limit,
      )
        ? answer
        : null,
    );
    const session = async (name: string, items: readonly Item[]) => {
      const fates = await publish(
        publisher,
        items.map((item) => ({ ...item, session: name })),
      );
      return Map.groupBy(fates.values(), ({ kind }) => kind);
    };
    return { topic, writes, session };
  }
  const items = (count: number, bytes: number, first = 0, type = "deal") =>
    Array.from({ length: count }, (_, place) =>
      change({
        id: String(first + place),
        type,
        data: Buffer.alloc(bytes, "1"),
      }),
    );
  const counts = (fates: Map<string, readonly unknown[]>) =>
    Object.fromEntries([...fates].map(([kind, { length }]) => [kind, length]));

  it("becomes 100 dead letters, and the rest is deferred with the limit that the topic needs", async () => {
    const { session } = refusing();
    const fates = await session("1", [
      ...items(400, 2 * limit),
      ...items(5, 10, 1_000, "contact"),
    ]);
    expect(counts(fates)).toEqual({
      "dead-lettered": 100,
      deferred: 300,
      published: 5,
    });
    const why = new Set(
      fates.get("deferred")?.map((fate) => "why" in fate && fate.why),
    );
    expect([...why]).toEqual([
      {
        code: "records-refused",
        variant: "MESSAGE_TOO_LARGE",
        reason: expect.stringMatching(/^the topic refuses nearly/) as string,
        remedy: "raise max.message.bytes of the topic to 2097152 or more",
        ofMany: expect.anything() as object,
        subject: "sell.deal",
        neededBytes: 2_097_152,
      },
    ]);
  });

  it("is counted over the batches of a session, and anew in the next one", async () => {
    const { session } = refusing();
    const half = (first: number) => items(60, 2 * limit, first);
    expect(counts(await session("1", half(0)))).toEqual({
      "dead-lettered": 60,
    });
    expect(counts(await session("2", half(100)))).toEqual({
      "dead-lettered": 60,
    });
    expect(counts(await session("2", half(200)))).toEqual({
      "dead-lettered": 40,
      deferred: 20,
    });
  });

  it("has dead letters alone while a tenth of it is accepted", async () => {
    const { session } = refusing();
    const fates = await session("1", [
      ...items(30, 10, 1_000),
      ...items(270, 2 * limit),
    ]);
    expect(counts(fates)).toEqual({ published: 30, "dead-lettered": 270 });
  });

  it("makes no more dead letters in later sessions, with few writes, until the topic is mended", async () => {
    const { topic, writes, session } = refusing();
    await session("1", items(200, 2 * limit));
    for (const name of ["2", "3", "4"]) {
      const before = writes.length;
      expect(counts(await session(name, items(1_000, 2 * limit, 100)))).toEqual(
        { deferred: 1_000 },
      );
      expect(writes.length - before).toBeLessThan(12);
    }
    topic.isMended = true;
    expect(counts(await session("5", items(1_000, 2 * limit, 100)))).toEqual({
      published: 1_000,
    });
  });

  it("goes on beside a record that stays refused once the topic is mended, and that becomes a dead letter", async () => {
    const { session } = refusing();
    await session("1", items(200, 2 * limit));
    const mended = [...items(1, 2 * limit, 100), ...items(300, 10, 101)];
    const second = counts(await session("2", mended));
    expect(second).toEqual({ deferred: 3, published: 298 });
    expect(counts(await session("3", items(1, 2 * limit, 100)))).toEqual({
      "dead-lettered": 1,
    });
  });

  it("is held no longer after a session in which nothing of it is refused", async () => {
    const { topic, session } = refusing();
    await session("1", items(200, 2 * limit));
    topic.isMended = true;
    expect(counts(await session("2", items(2, 2 * limit)))).toEqual({
      published: 2,
    });
    topic.isMended = false;
    expect(counts(await session("3", items(1, 2 * limit)))).toEqual({
      "dead-lettered": 1,
    });
  });

  it("lets nothing older follow what is deferred, since some partition may have taken it", async () => {
    const { session } = refusing();
    const newer = items(200, 2 * limit).map((item) => ({
      ...item,
      revision: 5,
    }));
    await session("1", newer);
    const older = change({ id: "199", type: "deal", revision: 4 });
    expect(counts(await session("2", [older]))).toEqual({ deferred: 1 });
  });

  it("names the settings to look at where the cause is not a size", async () => {
    const { session } = refusing(brokerError("INVALID_RECORD"));
    const fates = await session("1", items(200, 2 * limit));
    expect(counts(fates)).toEqual({ "dead-lettered": 100, deferred: 100 });
    expect(fates.get("deferred")?.[0]).toMatchObject({
      why: {
        remedy: "look at what the topic demands of records",
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
