/** The plan is a function of items and knowledge: it writes nothing, and gives each item one write or one fate. */
import { describe, expect, it } from "vitest";
import { RecordFault, TypeFault } from "../../src/domain/faults.ts";
import {
  plan,
  repeatedOutcomes,
  typesIn,
  type Knowledge,
  type PlanOptions,
} from "../../src/publish/plan.ts";
import { afterRefusal } from "../../src/publish/after-refusal.ts";
import { Router } from "../../src/publish/topics/router.ts";
import { noHistory, type WriteRefusal } from "../../src/publish/sink.ts";
import type { Item } from "../../src/domain/change.ts";
import { change, missingTopic } from "../support/builders.ts";

const options: PlanOptions = {
  router: new Router({
    connectorName: "c",
    pattern: "sell.{type}",
    reserved: ["dead"],
  }),
  encoder: {
    encode: (one) => {
      if (one.id === "unfit") throw new RecordFault("encode", "a long is text");
      return [{ value: one.data, headers: {} }];
    },
  },
  history: noHistory,
  connectorName: "c",
  deadLetterTopic: "dead",
};

const contact = {
  kind: "ready",
  topic: "sell.contact",
} as const;

function knowing(knowledge: Partial<Knowledge> = {}): Knowledge {
  return {
    types: new Map([["contact", contact]]),
    revisionOf: () => null,
    ...knowledge,
  };
}

const summary = (items: readonly Item[], knowledge = knowing()) => {
  const { writes, outcomes } = plan(items, knowledge, options);
  return {
    writes: writes.map(({ item, topic, fate }) => [item.id, topic, fate.kind]),
    outcomes: outcomes.map(({ item, fate }) => [item.id, fate]),
  };
};

const malformed: Item = {
  ...change({ id: "9" }),
  kind: "malformed",
  problem: "no data",
};

describe("a plan", () => {
  it("makes a record of a change, and a dead letter of what can be none", () => {
    const items = [change({ id: "1" }), malformed, change({ id: "unfit" })];
    expect(summary(items)).toEqual({
      writes: [
        ["9", "dead", "dead-lettered"],
        ["1", "sell.contact", "published"],
        ["unfit", "dead", "dead-lettered"],
      ],
      outcomes: [],
    });
  });

  it("puts the revisions of a record in their order", () => {
    const { writes } = plan(
      [change({ revision: 3 }), change({ revision: 1 })],
      knowing(),
      options,
    );
    expect(writes.map(({ item }) => item.revision)).toEqual([1, 3]);
  });

  it("defers what its type keeps from being written, with the reason", () => {
    const fault = new TypeFault(missingTopic("sell.contact"));
    const types = new Map([
      ["contact", { kind: "obstacle", stage: "route", fault } as const],
    ]);
    expect(summary([change()], knowing({ types }))).toEqual({
      writes: [],
      outcomes: [["1", { kind: "deferred", why: fault.why }]],
    });
  });

  it("makes dead letters of a type that can have no topic", () => {
    const fault = new RecordFault("route", "no legal topic");
    const types = new Map([
      ["contact", { kind: "obstacle", stage: "route", fault } as const],
    ]);
    expect(summary([change()], knowing({ types })).writes).toEqual([
      ["1", "dead", "dead-lettered"],
    ]);
  });

  it.each([
    [true, { kind: "superseded" }],
    [false, { kind: "deferred" }],
  ])(
    "writes no older revision (the newer one is of this session: %s), but always a delete",
    (isOfThisSession, fate) => {
      const revisionOf = () => ({ revision: 5, isOfThisSession });
      const older = change({ id: "1", revision: 4 });
      const equal = change({ id: "2", revision: 5 });
      const gone = change({ id: "3", revision: 4, op: "d" });
      const planned = summary([older, equal, gone], knowing({ revisionOf }));
      expect(planned.outcomes).toMatchObject([["1", fate]]);
      expect(planned.writes.map(([id]) => id)).toEqual(["2", "3"]);
    },
  );

  it("asks only for the types of items that may become records", () => {
    const long = "x".repeat(40_000);
    const items = [
      change(),
      malformed,
      change({ type: "deal", id: long, recordKey: long }),
    ];
    expect([...typesIn(items, options)]).toEqual(["contact"]);
  });
});

it("an item that repeats another one is deferred with it, and else a duplicate", () => {
  const [first, second] = [change({ id: "1" }), change({ id: "2" })];
  const deferred = { kind: "deferred", why: missingTopic("t") } as const;
  const again = [
    { item: change(), first },
    { item: change(), first: second },
    { item: change(), first: null },
  ];
  const outcomes = repeatedOutcomes(again, [
    { item: first, fate: deferred },
    { item: second, fate: { kind: "published" } },
  ]);
  expect(outcomes.map(({ fate }) => fate)).toEqual([
    deferred,
    { kind: "duplicate" },
    { kind: "duplicate" },
  ]);
});

describe("the next step after a refusal", () => {
  const group = (topic: string, id: string, bytes = 10) => ({
    item: change({ id }),
    topic,
    name: id,
    records: [{ topic, key: id, value: Buffer.alloc(bytes), headers: {} }],
  });
  const ofRecord: WriteRefusal = {
    scope: "record",
    code: "INVALID_RECORD",
    reason: "odd",
    cause: null,
    isTooLarge: false,
    written: new Set(),
  };
  const ofTopic: WriteRefusal = { ...ofRecord, scope: "type" };
  const ofSize: WriteRefusal = { ...ofRecord, isTooLarge: true };
  const ids = (parts: readonly (readonly { item: Item }[])[]) =>
    parts.map((part) => part.map(({ item }) => item.id));

  it("halves what is refused for a record in it, in its order", () => {
    const groups = ["1", "2", "3", "4"].map((id) => group("t", id));
    const step = afterRefusal(groups, ofRecord);
    expect(step.kind === "split" && ids(step.parts)).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("parts the small from the large when a size is refused", () => {
    const groups = [100, 1, 90, 2].map((bytes, id) =>
      group("t", String(id), bytes),
    );
    const step = afterRefusal(groups, ofSize);
    expect(step.kind === "split" && ids(step.parts)).toEqual([
      ["1", "3"],
      ["2", "0"],
    ]);
  });

  it("keeps the order where two groups are of one record", () => {
    const groups = [group("t", "1", 100), group("t", "1", 1)];
    const step = afterRefusal(groups, ofSize);
    expect(step.kind === "split" && step.parts).toEqual([
      [groups[0]],
      [groups[1]],
    ]);
  });

  it("names the one record that is refused alone", () => {
    const alone = group("t", "1");
    const step = afterRefusal([alone], ofRecord);
    expect(step).toMatchObject({
      kind: "refused",
      group: alone,
      fault: { stage: "publish" },
    });
  });

  it("parts topics, and asks about one that is refused alone", () => {
    const groups = [group("t", "1"), group("u", "2"), group("t", "3")];
    const step = afterRefusal(groups, ofTopic);
    expect(step.kind === "split" && ids(step.parts)).toEqual([
      ["1", "3"],
      ["2"],
    ]);
    expect(afterRefusal(groups.slice(0, 1), ofTopic)).toEqual({
      kind: "topic",
      topic: "t",
    });
  });
});
