// Records of aborted transactions are left out, however transactions overlap.
import { expect, it } from "vitest";
import { withoutAborted } from "../../../src/kafka/read/without-aborted.ts";

const COMMIT = Buffer.from([0, 0, 0, 1]);
const ABORT = Buffer.from([0, 0, 0, 0]);

function record(offset: number, producerId: string, marker?: Buffer) {
  return {
    offset: String(offset),
    key: marker ?? Buffer.from("key"),
    isControlRecord: marker !== undefined,
    batchContext: { producerId, inTransaction: producerId !== "-1" },
  };
}

it("leaves out what was aborted, however transactions overlap", () => {
  const messages = [
    record(10, "a"),
    record(11, "b"),
    record(12, "-1"),
    record(13, "a"),
    record(14, "b", ABORT),
    record(15, "b"),
    record(16, "a", ABORT),
    record(17, "a"),
    record(18, "b", COMMIT),
    record(19, "a", COMMIT),
  ];
  // In the order in which they ended; both began before what was fetched.
  const aborted = [
    { producerId: "b", firstOffset: "5" },
    { producerId: "a", firstOffset: "3" },
  ];
  const seen = [...withoutAborted(messages, aborted)];
  expect(seen.map(({ offset }) => offset)).toEqual(["12", "15", "17"]);
});

it("lets everything through where nothing was aborted", () => {
  const messages = [record(1, "a"), record(2, "-1"), record(3, "a", COMMIT)];
  expect([...withoutAborted(messages, [])]).toHaveLength(2);
});
