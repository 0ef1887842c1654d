// The history of a key: what lies there, the oldest first, each change once, and of a bounded length.
import { describe, expect, it } from "vitest";
import {
  historyLines,
  KeyHistory,
} from "../../../../src/cli/commands/explain/history.ts";
import type { ListedDeadLetter } from "../../../../src/dead-letters/dead-letter-listing.ts";
import type { StoredRecord } from "../../../../src/kafka/read/partition-reader.ts";

let offset = 0n;

function record(
  ackKey: string | null,
  some: Partial<StoredRecord> = {},
): StoredRecord {
  offset += 1n;
  return {
    ...{ topic: "sell.contact", partition: 0, offset, key: "7" },
    value: Buffer.from("{}"),
    timestampMs: Number(offset) * 1_000,
    headers:
      ackKey === null
        ? undefined
        : {
            "sell.connector": "crm",
            "sell.ack_key": ackKey,
            "sell.revision": ackKey.split("-").at(-1),
            "sell.session": "s1",
          },
    ...some,
  };
}

function letter(timeMs: number): ListedDeadLetter {
  return {
    ...{ id: "1/5", partition: 1, offset: 5n, timeMs, key: "7" },
    ...{ connector: "crm", type: "contact", session: "s1", stage: "send" },
    ...{ class: null, reason: "too\nlarge", originalTopic: null },
    headers: { "sell.revision": "4" },
    ...{ bytes: 9, chunks: 1, state: "waiting" },
    ...{ replay: null, dismissal: null },
  };
}

function historyOf(records: readonly StoredRecord[], most = 100) {
  const history = new KeyHistory(most);
  for (const one of records) history.take(one, null);
  return history;
}

function told(records: readonly StoredRecord[], most?: number) {
  const { entries } = historyOf(records, most).with([]);
  return entries.map((entry) =>
    entry.kind === "deadLetter"
      ? entry.kind
      : [entry.kind, entry.ackKey, entry.copies, entry.again],
  );
}

describe("the history of a key", () => {
  it("has each change once, with a deletion and its tombstone", () => {
    const gone = { value: null };
    expect(
      told([
        ...[record("c-7-1"), record("c-7-1"), record("c-7-2")],
        ...[record("c-7-3"), record("c-7-3", gone)],
        ...[record("c-7-3"), record("c-7-3", gone)],
      ]),
    ).toEqual([
      ["event", "c-7-1", 2, false],
      ["event", "c-7-2", 1, false],
      ["event", "c-7-3", 2, false],
      ["tombstone", "c-7-3", 2, false],
    ]);
  });

  it("shows an older change again that lies behind a newer one", () => {
    expect(told([record("c-7-1"), record("c-7-2"), record("c-7-1")])).toEqual([
      ["event", "c-7-1", 1, false],
      ["event", "c-7-2", 1, false],
      ["event", "c-7-1", 1, true],
    ]);
  });

  it("joins no records without an ack key, and none of two connectors", () => {
    const headers = { "sell.connector": "other", "sell.ack_key": "c-7-1" };
    const records = [
      ...[record(null), record(null), record("c-7-1")],
      record("c-7-1", { headers }),
    ];
    expect(told(records)).toHaveLength(4);
  });

  it("keeps the newest, and says how many are left out", () => {
    const many = Array.from({ length: 1_000 }, (_, n) => record(`c-7-${n}`));
    const history = historyOf(many, 3).with([letter(8e15)]);
    expect(history.omitted).toBe(998);
    expect(history.entries).toMatchObject([
      { ackKey: "c-7-998" },
      { ackKey: "c-7-999" },
      { kind: "deadLetter" },
    ]);
    expect(historyLines(history)[1]).toContain("without 998 older entries");
  });

  it("puts partitions and dead letters in the order of time, and keeps each partition's own", () => {
    const at = (partition: number, timestampMs: number) =>
      record(`c-7-${timestampMs}`, { partition, timestampMs });
    const history = historyOf([
      ...[at(0, 100), at(0, 90), at(0, 400)],
      ...[at(1, 200), at(1, -1)],
    ]).with([letter(300)]);
    expect(
      history.entries.map((one) =>
        one.kind === "deadLetter" ? "letter" : one.ackKey,
      ),
    ).toEqual([
      ...["c-7-100", "c-7-90", "c-7-200", "c-7--1"],
      ...["letter", "c-7-400"],
    ]);
  });

  it("is a table whose cells a terminal does not obey", () => {
    const evil = record("c-7-\u001b[31m1", {
      timestampMs: Number.MAX_SAFE_INTEGER,
      value: null,
    });
    const lines = historyLines(historyOf([evil]).with([letter(0)]));
    expect(lines).toHaveLength(5);
    const text = lines.join("\n");
    expect(text).toMatch(/TIME +PARTITION +OFFSET +OP +REVISION +SESSION/);
    // A dead letter's place is one of another topic.
    expect(text).toMatch(
      /^ {2}1970-\S+ +- +- +dead letter +4 +s1 +1\/5, waiting: send: too large$/m,
    );
    expect(text).toMatch(/^ {2}- .*tombstone +\\u001b\[31m1 +s1$/m);
  });
});
