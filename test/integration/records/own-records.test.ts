// A connector finds its own records in shared topics, and takes none of another for its own.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hasOwnRecords } from "../../../src/publish/exactly-once/own-records.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createTopics, servers, testKafka } from "../../support/kafka/kafka.ts";

const signal = new AbortController().signal;

describe.skipIf(servers === null)("a connector's own records", () => {
  it("are found behind those of others, and only under its name", async () => {
    const kafka = testKafka();
    const [first, second] = [randomUUID(), randomUUID()];
    const producer = kafka.producer();
    await createTopics([
      { topic: first },
      { topic: second, numPartitions: 20 },
    ]);
    await producer.connect();
    const write = (topic: string, partition: number, connector: string) =>
      producer.send({
        topic,
        messages: [
          { partition, value: null, headers: { "sell.connector": connector } },
        ],
      });
    await write(first, 0, "one");
    await write(second, 0, "one");
    await write(second, 19, "other");
    const connection = { kafka, clock: systemClock };
    const found = (topics: readonly string[], name: string) =>
      hasOwnRecords(
        connection,
        (topic) => topics.includes(topic),
        name,
        signal,
      );
    expect(await found([first, second], "one")).toBe(true);
    expect(await found([first, second], "other")).toBe(true);
    expect(await found([first], "other")).toBe(false);
    expect(await found([first, second], "nobody")).toBe(false);
    expect(await found([randomUUID()], "one")).toBe(false);
    await producer.disconnect();
  });
});
