// Keys are on the partition of Java's producer, and of kafkajs.
import fc from "fast-check";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import {
  murmur2,
  partitionOf,
} from "../../../src/kafka/client/partition-of.ts";
import * as specified from "../../support/kafka/murmur2.ts";

const topicOf = (partitions: number) =>
  Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [],
    isr: [],
  }));

describe("the hash of a key", () => {
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ])("of %s is what Kafka's own tests expect", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it("of any bytes is the specified one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(murmur2(Buffer.from(bytes))).toBe(specified.murmur2(bytes));
      }),
    );
  });

  it("of a megabyte takes milliseconds", () => {
    const key = "ключ-".repeat(120_000);
    const startedMs = performance.now();
    expect(partitionOf(key, 6)).toBe(specified.partitionOf(key, 6));
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe("the partition of a record", () => {
  const kafkajsOwn = kafkajs.Partitioners.DefaultPartitioner();

  it("is kafkajs's own for any key and number of partitions", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.integer({ min: 1, max: 1_000 }),
        (key, count) => {
          const topic = `t${count}`;
          const partitionMetadata = topicOf(count);
          const args = {
            topic,
            partitionMetadata,
            message: { key, value: "" },
          };
          expect(partitionOf(key, count)).toBe(kafkajsOwn(args));
        },
      ),
    );
  });
});
