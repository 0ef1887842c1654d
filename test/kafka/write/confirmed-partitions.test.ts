// A write counts only when each of its partitions was answered for.
import type { PartitionMetadata, RecordMetadata } from "kafkajs";
import { describe, expect, it } from "vitest";
import { ConfirmedPartitions } from "../../../src/kafka/write/confirmed-partitions.ts";

const topicOf = (partitions: number) =>
  Array.from(
    { length: partitions },
    (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata,
  );
const answer = (topicName: string, partition: number): RecordMetadata => ({
  topicName,
  partition,
  errorCode: 0,
});

/** One send of keys to a topic, as kafkajs partitions it. */
function sent(keys: readonly string[], partitions = 4) {
  const watch = new ConfirmedPartitions();
  const partition = watch.partitioner();
  const choose = (key: string, count: number) =>
    partition({
      topic: "t",
      partitionMetadata: topicOf(count),
      message: { key, value: "" },
    });
  return { watch, choose, chosen: keys.map((key) => choose(key, partitions)) };
}

describe("the confirmation of a write", () => {
  it("counts when there is an answer for each partition", () => {
    const { watch, chosen } = sent(["1", "2", "3", "4"]);
    watch.verify(chosen.map((partition) => answer("t", partition)));
  });

  it("does not count when the answer of a partition is missing, though the send succeeded", () => {
    const { watch, chosen } = sent(["1", "2", "3", "4"]);
    const [first, ...others] = [...new Set(chosen)];
    expect(others.length).toBeGreaterThan(0);
    expect(() => {
      watch.verify(others.map((partition) => answer("t", partition)));
    }).toThrow(`confirmed nothing for t ${first ?? ""}`);
    watch.reset();
    watch.verify([]);
  });

  it("does not count when the topic grew in the middle: keys may have moved", () => {
    const { watch, choose } = sent(["1"], 1);
    const again = choose("1", 2);
    expect(() => {
      watch.verify([answer("t", 0), answer("t", again)]);
    }).toThrow("got more partitions");
  });
});
