// What an audit has read of Kafka is counted in offsets: some hold no record.
import { expect, it } from "vitest";
import { OffsetCount } from "../../src/audit/offset-count.ts";

const topic = "sell.deal";

function records(partition: number, ...offsets: bigint[]) {
  const rest = { topic, key: "7", value: null, timestampMs: 0 };
  return offsets.map((offset) => ({
    ...{ ...rest, partition, offset, headers: undefined },
  }));
}

it("counts the offsets without a record, for each partition from its start", () => {
  const count = new OffsetCount([
    { topic, partition: 0, from: 10n, to: 20n },
    { topic, partition: 1, from: 0n, to: 5n },
  ]);
  expect(count.take(records(0, 12n, 13n))).toBe(4);
  expect(count.take(records(1, 0n))).toBe(1);
  expect(count.take(records(0, 18n))).toBe(5);
  expect(count.take([])).toBe(0);
  // A read that is tried again brings records a second time.
  expect(count.take(records(0, 12n))).toBe(0);
  expect(count.take(records(0, 19n))).toBe(1);
  expect(count.done).toBe(11);
});
