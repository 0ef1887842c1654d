/** A write batch keeps to a size per topic, and never holds two revisions of one record. */
import { describe, expect, it } from "vitest";
import {
  writeBatches,
  type PlannedWrite,
} from "../../src/publish/write-batches.ts";
import { fingerprint } from "../../src/lib/fingerprints.ts";
import { change } from "../support/builders.ts";

const write = (id: string, revision: number | null, bytes = 10) =>
  ({
    item: change({ id, revision }),
    name: id,
    print: fingerprint(id),
    fate: { kind: "published" },
    topic: "t",
    records: [{ topic: "t", key: id, value: Buffer.alloc(bytes), headers: {} }],
  }) satisfies PlannedWrite;
const cut = (...writes: PlannedWrite[]) =>
  [...writeBatches(writes)].map((batch) =>
    batch.map(
      ({ item: { id, revision } }) => `${id ?? ""}@${String(revision)}`,
    ),
  );

describe("what one write holds", () => {
  it("is everything that waits, as long as a topic's share stays small", () => {
    expect(cut(write("1", 1), write("2", 1))).toEqual([["1@1", "2@1"]]);
    expect(cut(write("1", 1, 800_000), write("2", 1, 200_000))).toEqual([
      ["1@1"],
      ["2@1"],
    ]);
  });

  it("is nothing else when a record is too large for a write: it is likely to be refused", () => {
    const other = {
      ...write("3", 1),
      records: [{ topic: "u", key: "3", value: null, headers: {} }],
    };
    expect(cut(write("1", 1), write("2", 1, 2_000_000), other)).toEqual([
      ["1@1"],
      ["2@1"],
      ["3@1"],
    ]);
  });

  it("is any number of items that are of no record", () => {
    const own = (revision: number) => ({
      ...write("1", revision),
      name: null,
    });
    expect([...writeBatches([own(1), own(2), own(3)])]).toHaveLength(1);
  });

  it("is never two revisions of one record: repeated, it would put the older behind the newer", () => {
    expect(
      cut(write("1", 1), write("2", 5), write("1", 2), write("2", 5)),
    ).toEqual([
      ["1@1", "2@5"],
      ["1@2", "2@5"],
    ]);
  });
});
