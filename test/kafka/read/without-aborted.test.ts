// Records of aborted transactions are left out, however transactions overlap.
import { expect, it } from "vitest";
import { withoutAborted } from "../../../src/kafka/read/without-aborted.ts";

const COMMIT = Buffer.from([0, 0, 0, 1]);
const ABORT = Buffer.from([0, 0, 0, 0]);

/** A batch of one record. */
function batch(offset: number, producerId: string, marker?: Buffer) {
  return {
    baseOffset: BigInt(offset),
    producerId,
    isTransactional: producerId !== "-1",
    isControl: marker !== undefined,
    length: 1,
    keyOf: () => marker ?? Buffer.from("key"),
  };
}

it("leaves out what was aborted, however transactions overlap", () => {
  const batches = [
    batch(10, "a"),
    batch(11, "b"),
    batch(12, "-1"),
    batch(13, "a"),
    batch(14, "b", ABORT),
    batch(15, "b"),
    batch(16, "a", ABORT),
    batch(17, "a"),
    batch(18, "b", COMMIT),
    batch(19, "a", COMMIT),
  ];
  // In the order in which they ended; both began before what was fetched.
  const aborted = [
    { producerId: "b", firstOffset: "5" },
    { producerId: "a", firstOffset: "3" },
  ];
  const seen = [...withoutAborted(batches, aborted)];
  expect(seen.map(({ baseOffset }) => baseOffset)).toEqual([12n, 15n, 17n]);
});

it("lets everything through where nothing was aborted", () => {
  const batches = [batch(1, "a"), batch(2, "-1"), batch(3, "a", COMMIT)];
  expect([...withoutAborted(batches, [])]).toHaveLength(2);
});
