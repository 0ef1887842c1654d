// A read of topics returns every committed record up to their ends once, leaves out aborted ones, and
// ends although transaction markers are last.
import { randomUUID } from "node:crypto";
import type { Kafka, Producer } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommitted } from "../../../src/kafka/read/partition-reader.ts";
import {
  loadRanges,
  readRanges,
  type ReadContext,
} from "../../../src/kafka/read/read-ranges.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createTopics, servers, testKafka } from "../../support/kafka/kafka.ts";

const { signal } = new AbortController();

describe.skipIf(servers === null)("reading topics to their ends", () => {
  let kafka: Kafka;
  let connection: ReadContext;
  let producer: Producer;

  beforeAll(async () => {
    kafka = testKafka();
    connection = { kafka, clock: systemClock };
    producer = kafka.producer({
      transactionalId: randomUUID(),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
  });

  afterAll(() => producer.disconnect());

  async function newTopic(): Promise<string> {
    const topic = `read-${randomUUID()}`;
    await createTopics([{ topic, numPartitions: 3 }]);
    return topic;
  }

  async function transaction(
    topic: string,
    values: readonly string[],
    end: "commit" | "abort",
  ): Promise<void> {
    const open = await producer.transaction();
    await open.send({
      topic,
      messages: values.map((value) => ({ value, partition: 1 })),
    });
    await open[end]();
  }

  async function read(topic: string, from = 0n): Promise<string[]> {
    const ranges = await loadRanges(
      connection,
      (name) => name === topic,
      signal,
    );
    const values: string[] = [];
    await readRanges(
      connection,
      ranges.map((range) => ({ ...range, from })),
      (records) => {
        for (const { value } of records) values.push(String(value));
      },
      signal,
    );
    return values;
  }

  it("leaves out what was aborted, also where nothing else is at the end", async () => {
    const topic = await newTopic();
    await transaction(topic, ["a", "b"], "commit");
    await transaction(topic, ["c"], "abort");
    expect(await read(topic)).toEqual(["a", "b"]);
    expect(await read(topic, 1n)).toEqual(["b"]);
    expect(await read(topic, 3n)).toEqual([]);
  });

  it("goes on where it ended, also when an answer holds more than it read", async () => {
    const topic = await newTopic();
    await transaction(topic, ["a", "b", "c", "d"], "commit");
    const range = { topic, partition: 1, from: 0n, to: 2n };
    const reading = readCommitted(connection, range, signal);
    const { value: records } = await reading.next();
    expect(records).toMatchObject([{ offset: 0n }, { offset: 1n }]);
    expect(await reading.next()).toEqual({ done: true, value: 2n });
  });

  it("ends at once where there is nothing", async () => {
    expect(await read(await newTopic())).toEqual([]);
    expect(await read("read-no-such-topic")).toEqual([]);
  });

  it("passes on what the reader of the records throws", async () => {
    const topic = await newTopic();
    await transaction(topic, ["a"], "commit");
    const ranges = await loadRanges(
      connection,
      (name) => name === topic,
      signal,
    );
    const task = readRanges(
      connection,
      ranges,
      () => Promise.reject(new RangeError("no more")),
      signal,
    );
    await expect(task).rejects.toThrow("no more");
  });
});
