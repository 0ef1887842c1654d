import { describe, expect, it } from "vitest";
import { loads, type Parcel } from "../../src/kafka/parcels.ts";
import { fingerprint } from "../../src/pipeline/fingerprints.ts";
import { change } from "../support/builders.ts";

const parcel = (id: string, revision: number | null, bytes = 10) =>
  ({
    change: change({ id, revision }),
    name: id,
    print: fingerprint(id),
    fate: { kind: "published" },
    topic: "t",
    records: [{ topic: "t", key: id, value: Buffer.alloc(bytes), headers: {} }],
  }) satisfies Parcel;
const cut = (...parcels: ReturnType<typeof parcel>[]) =>
  [...loads(parcels)].map((load) =>
    load.map(
      ({ change: { id, revision } }) => `${id ?? ""}@${String(revision)}`,
    ),
  );

describe("what one write holds", () => {
  it("is everything that waits, as long as a topic's share stays small", () => {
    expect(cut(parcel("1", 1), parcel("2", 1))).toEqual([["1@1", "2@1"]]);
    expect(cut(parcel("1", 1, 800_000), parcel("2", 1, 200_000))).toEqual([
      ["1@1"],
      ["2@1"],
    ]);
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
