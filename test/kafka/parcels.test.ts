import { describe, expect, it } from "vitest";
import { loads, type Parcel } from "../../src/publish/write-batches.ts";
import { fingerprint } from "../../src/lib/fingerprints.ts";
import { change } from "../support/builders.ts";

const parcel = (id: string, revision: number | null, bytes = 10) =>
  ({
    item: change({ id, revision }),
    name: id,
    print: fingerprint(id),
    fate: { kind: "published" },
    topic: "t",
    records: [{ topic: "t", key: id, value: Buffer.alloc(bytes), headers: {} }],
  }) satisfies Parcel;
const cut = (...parcels: Parcel[]) =>
  [...loads(parcels)].map((load) =>
    load.map(({ item: { id, revision } }) => `${id ?? ""}@${String(revision)}`),
  );

describe("what one write holds", () => {
  it("is everything that waits, as long as a topic's share stays small", () => {
    expect(cut(parcel("1", 1), parcel("2", 1))).toEqual([["1@1", "2@1"]]);
    expect(cut(parcel("1", 1, 800_000), parcel("2", 1, 200_000))).toEqual([
      ["1@1"],
      ["2@1"],
    ]);
  });

  it("is nothing else when a record is too large for a write: it is likely to be refused", () => {
    const other = {
      ...parcel("3", 1),
      records: [{ topic: "u", key: "3", value: null, headers: {} }],
    };
    expect(cut(parcel("1", 1), parcel("2", 1, 2_000_000), other)).toEqual([
      ["1@1"],
      ["2@1"],
      ["3@1"],
    ]);
  });

  it("is any number of items that are of no record", () => {
    const own = (revision: number) => ({
      ...parcel("1", revision),
      name: null,
    });
    expect([...loads([own(1), own(2), own(3)])]).toHaveLength(1);
  });

  it("is never two revisions of one record: repeated, it would put the older behind the newer", () => {
    expect(
      cut(parcel("1", 1), parcel("2", 5), parcel("1", 2), parcel("2", 5)),
    ).toEqual([
      ["1@1", "2@5"],
      ["1@2", "2@5"],
    ]);
  });
});
