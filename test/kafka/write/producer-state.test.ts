// Which sequence numbers and epoch an idempotent producer writes under, as KIP-98 and KIP-360 have it.
import { expect, it } from "vitest";
import { ProducerState } from "../../../src/kafka/write/producer-state.ts";
import type { KafkaRecord } from "../../../src/kafka/write/kafka-writer.ts";

function records(...keys: string[]): KafkaRecord[] {
  return keys.map((key) => ({ topic: "t", key, value: null, headers: {} }));
}

/** Puts each record into the partition that its key names. */
const byKey = ({ key }: KafkaRecord) => Number(key);

function started(): ProducerState {
  const producer = new ProducerState();
  producer.identify("7", 0);
  return producer;
}

function confirmAll(
  producer: ProducerState,
  write: ReturnType<ProducerState["begin"]>,
): void {
  for (const batch of write.batches) producer.confirm(write, batch);
  producer.end(write);
}

function firstSequences(write: ReturnType<ProducerState["begin"]>): number[] {
  return write.batches.map(({ firstSequence }) => firstSequence);
}

it("goes on where the confirmed records of each partition end", () => {
  const producer = started();
  confirmAll(producer, producer.begin(records("0", "0", "1"), byKey));
  const next = producer.begin(records("0", "1", "2"), byKey);
  expect(firstSequences(next)).toEqual([2, 1, 0]);
  expect(producer.epoch).toBe(0);
});

it("repeats the same records under the same numbers", () => {
  const producer = started();
  const same = records("0", "1");
  const write = producer.begin(same, byKey);
  for (const batch of write.batches) batch.doubts++;
  expect(producer.begin(same, byKey)).toBe(write);
  expect(producer.epoch).toBe(0);
});

it("raises its epoch for other records while earlier ones are in doubt", () => {
  const producer = started();
  confirmAll(producer, producer.begin(records("0"), byKey));
  const write = producer.begin(records("0"), byKey);
  for (const batch of write.batches) batch.doubts++;
  const next = producer.begin(records("0"), byKey);
  expect(producer.epoch).toBe(1);
  expect(firstSequences(next)).toEqual([0]);
  // An answer that comes now speaks of the earlier epoch.
  for (const batch of write.batches) producer.confirm(write, batch);
  confirmAll(producer, next);
  expect(firstSequences(producer.begin(records("0"), byKey))).toEqual([1]);
});

it("keeps its epoch when all of a write was refused", () => {
  const producer = started();
  producer.begin(records("0", "1"), byKey);
  expect(firstSequences(producer.begin(records("0"), byKey))).toEqual([0]);
  expect(producer.epoch).toBe(0);
});

it("raises its epoch when a broker does not go on from its numbers, or the partitions are others", () => {
  const producer = started();
  const same = records("0");
  producer.loseSequence(producer.begin(same, byKey));
  producer.begin(same, byKey);
  expect(producer.epoch).toBe(1);
  const write = producer.begin(same, byKey);
  for (const batch of write.batches) batch.doubts++;
  producer.begin(same, () => 5);
  expect(producer.epoch).toBe(2);
});

it("takes a new id when its epochs are used up", () => {
  const producer = started();
  producer.identify("7", 32_767);
  const write = producer.begin(records("0"), byKey);
  for (const batch of write.batches) batch.doubts++;
  producer.begin(records("0"), byKey);
  expect(producer.id).toBeNull();
});
