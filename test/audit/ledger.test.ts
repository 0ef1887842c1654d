// The ledger of an audit calls a record missing, different or gone only when both sides agree that it
// stays so.
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/audit/ledger.ts";
import type { Content, InKafka, InSell } from "../../src/audit/ledger-entry.ts";

const place = { topic: "sell.deal", key: "1" };
const says = (text: string, schema = 0): Content => ({
  kind: "live",
  digest: Buffer.from(text.padEnd(16)),
  schema,
});
const deleted: Content = { kind: "deleted" };

function kafka(content: Content, offset: bigint, key = "1"): InKafka {
  const rest = { partition: 0, revision: "1", otherConnector: null };
  return { ...place, key, content, offset, ...rest };
}

function sell(content: Content, rest: Partial<InSell> = {}): InSell {
  return { ...place, content, revision: "1", isDeadLettered: false, ...rest };
}

function kindsOf(ledger: Ledger): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of ledger.entries()) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

describe("the ledger of an audit", () => {
  it("lets both sides agree, on a record and on its deletion", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("a"), 1n), kafka(deleted, 2n, "2")]);
    ledger.noteSell([sell(says("a"))], 1);
    expect(ledger.settle(1, true)).toBe(0);
    expect(kindsOf(ledger)).toEqual({ agreed: 2 });
  });

  it("lets a difference stand only once it was seen twice, unchanged", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("a"), 1n), kafka(says("x"), 1n, "gone")]);
    for (const round of [1, 2]) {
      expect(kindsOf(ledger)).not.toHaveProperty("different");
      ledger.noteSell(
        [sell(says("b")), sell(says("c"), { key: "missing" })],
        round,
      );
      ledger.settle(round, true);
    }
    expect(kindsOf(ledger)).toEqual({ different: 1, gone: 1, missing: 1 });
    expect([...ledger.findings("different")]).toMatchObject([
      { ...place, partition: 0, offset: 1 },
    ]);
  });

  it("takes what arrives meanwhile for a change on its way", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("a"), 1n)]);
    ledger.noteSell([sell(says("b"))], 1);
    expect(ledger.settle(1, true)).toBe(1);
    ledger.noteKafka([kafka(says("c"), 2n)]);
    ledger.noteSell([sell(says("d"))], 2);
    expect(ledger.settle(2, true)).toBe(1);
    expect(kindsOf(ledger)).toEqual({ undecided: 1 });
    ledger.noteKafka([kafka(says("d"), 3n)]);
    ledger.noteSell([sell(says("d"))], 3);
    expect(ledger.settle(3, true)).toBe(0);
    expect(kindsOf(ledger)).toEqual({ agreed: 1 });
  });

  it("names the other connectors of records that differ, and of no others", () => {
    using ledger = new Ledger(tmpdir());
    const by = (otherConnector: string | null, key: string, text = "k") => ({
      ...kafka(text === "" ? deleted : says(text), 1n, key),
      otherConnector,
    });
    ledger.noteKafka([
      by("same", "1", "s"),
      ...[by("b", "2"), by("a", "3"), by("a", "4"), by(null, "5")],
      ...[by("c", "6"), by("tombstone", "7", "")],
      by("overwritten", "8"),
    ]);
    ledger.noteKafka([by(null, "8")]);
    for (const round of [1, 2]) {
      expect(ledger.otherConnectors(10)).toEqual([]);
      const seen = ["1", "2", "3", "5", "6", "7", "8"];
      ledger.noteSell(
        seen.map((key) => sell(says("s"), { key })),
        round,
      );
      ledger.settle(round, true);
    }
    expect(kindsOf(ledger)).toEqual({
      ...{ agreed: 1, different: 5, gone: 1, missing: 1 },
    });
    expect(ledger.otherConnectors(10)).toEqual(["a", "b", "c", "tombstone"]);
    expect(ledger.otherConnectors(2)).toEqual(["a", "b"]);
  });

  it("never calls a record gone that an incomplete session left out", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("a"), 1n)]);
    for (const round of [1, 2, 3]) ledger.settle(round, false);
    expect(kindsOf(ledger)).toEqual({ notSeen: 1 });
  });

  it("counts the highest revision of one round", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("new"), 1n)]);
    ledger.noteSell([sell(says("new"), { revision: "10" })], 1);
    ledger.noteSell([sell(says("old"), { revision: "9" })], 1);
    expect(ledger.settle(1, true)).toBe(0);
  });

  it("compares only what was put in the words of the same schema", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka([kafka(says("a", 5), 1n)]);
    expect(ledger.schemaOf(place)).toBe(5);
    ledger.noteSell([sell(says("a", 4))], 1);
    expect(ledger.settle(1, true)).toBe(1);
  });

  it("tells dead letters from what is missing", () => {
    using ledger = new Ledger(tmpdir());
    ledger.noteSell([sell(says("a"), { isDeadLettered: true })], 1);
    expect(ledger.settle(1, true)).toBe(0);
    expect(kindsOf(ledger)).toEqual({ deadLettered: 1 });
  });
});
