// A transaction is three requests, counts only when each partition was confirmed, and survives what
// passes by itself.
import { describe, expect, it } from "vitest";
import type {
  Broker,
  Cluster,
  ProduceRequest,
} from "../../../src/kafka/client/cluster.ts";
import type { Kafka } from "../../../src/kafka/client/kafkajs.ts";
import { createCodeError } from "../../../src/kafka/client/repairs/protocol/produce-answers.ts";
import { SharedConnections } from "../../../src/kafka/client/shared-connections.ts";
import {
  isFencing,
  TransactionalProducer,
} from "../../../src/kafka/write/transactional-producer.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();
const NOT_LEADER = 6;
const NOT_COORDINATOR = 16;
const CONCURRENT_TRANSACTIONS = 51;
const INVALID_PRODUCER_EPOCH = 47;

const record = (key: string, topic = "t") => ({
  topic,
  partition: 0,
  key,
  value: Buffer.from("{}"),
  headers: {},
});

/** A producer on one broker that leads all partitions, and what it was asked. */
function trial() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const produced: ProduceRequest[] = [];
  /** Answers of the next requests of a name, in place of success. */
  const failures = new Map<string, number[]>();
  const state = {
    partitions: 1,
    isConfirming: true,
    /** For so long after the end of a transaction, the coordinator takes no other. */
    markingMs: 0,
    endedMs: -Infinity,
  };
  const note = (name: string) => {
    asked.push(name);
    const code = failures.get(name)?.shift();
    if (code !== undefined) throw createCodeError(code);
  };
  const broker: Partial<Broker> = {
    metadata: async (topics) => {
      await Promise.resolve();
      note("metadata");
      return {
        topicMetadata: topics.map((topic) => ({
          topic,
          partitionMetadata: Array.from(
            { length: state.partitions },
            (_, partitionId) => ({ partitionId, leader: 1 }),
          ),
        })),
      };
    },
    findGroupCoordinator: async () => {
      await Promise.resolve();
      note("findCoordinator");
      return { coordinator: { nodeId: 1 } };
    },
    initProducerId: async () => {
      await Promise.resolve();
      note("initProducerId");
      return { producerId: "7", producerEpoch: 3 };
    },
    addPartitionsToTxn: async () => {
      await Promise.resolve();
      note("addPartitionsToTxn");
      if (clock.monotonicMs() - state.endedMs < state.markingMs)
        throw createCodeError(CONCURRENT_TRANSACTIONS);
    },
    endTxn: async () => {
      await Promise.resolve();
      note("endTxn");
      state.endedMs = clock.monotonicMs();
    },
    produce: async (request) => {
      await Promise.resolve();
      note("produce");
      produced.push(request);
      return {
        topics: request.topicData.map(({ topic, partitions }) => ({
          topicName: topic,
          partitions: state.isConfirming
            ? partitions.map(({ partition }) => ({
                partition,
                errorCode: 0,
                baseOffset: "40",
              }))
            : [],
        })),
      };
    },
  };
  const done = () => Promise.resolve();
  const cluster: Partial<Cluster> = {
    connect: done,
    disconnect: done,
    refreshMetadata: done,
    findBroker: () => Promise.resolve(broker as Broker),
    findControllerBroker: () => Promise.resolve(broker as Broker),
  };
  const kafka = {
    [Symbol("private:Kafka:createCluster")]: () => cluster,
  } as unknown as Kafka;
  const connections = new SharedConnections({ kafka, clock, atMost: 1 });
  const producer = new TransactionalProducer({
    connections,
    clock,
    compression: "none",
    transactionalId: "id",
  });
  const commit = (
    ...batches: Parameters<typeof producer.commit>[0][number][]
  ) => clock.runUntil(producer.commit(batches, 0, signal));
  return { asked, produced, failures, state, clock, producer, commit };
}

describe("a transaction", () => {
  it("is three requests once its topics are known", async () => {
    const { asked, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1")]);
    expect(asked).toEqual([
      ...["findCoordinator", "initProducerId", "metadata"],
      ...["addPartitionsToTxn", "produce", "endTxn"],
    ]);
    asked.length = 0;
    expect(await commit([record("2"), record("3")])).toEqual([
      [{ topic: "t", partition: 0, baseOffset: 40n }],
    ]);
    expect(asked).toEqual(["addPartitionsToTxn", "produce", "endTxn"]);
  });

  it("numbers records on from one transaction to the next, and anew once the id was taken over", async () => {
    const { produced, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1"), record("2")]);
    await commit([record("3")]);
    await producer.open(signal);
    await commit([record("4")]);
    const firsts = produced.map(
      ({ topicData }) => topicData[0]?.partitions[0]?.firstSequence,
    );
    expect(firsts).toEqual([0, 2, 0]);
    expect(produced[0]).toMatchObject({
      transactionalId: "id",
      producerId: "7",
      producerEpoch: 3,
    });
  });

  it("waits while the coordinator is busy, and follows it when it moves", async () => {
    const { asked, failures, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1")]);
    asked.length = 0;
    failures.set("addPartitionsToTxn", [CONCURRENT_TRANSACTIONS]);
    failures.set("endTxn", [NOT_COORDINATOR]);
    await commit([record("2")]);
    expect(asked).toEqual([
      ...["addPartitionsToTxn", "addPartitionsToTxn", "produce"],
      ...["endTxn", "findCoordinator", "endTxn"],
    ]);
  });

  it("is begun when the one before is likely to be marked: a slow coordinator is asked once or twice", async () => {
    const { asked, state, producer, commit } = trial();
    await producer.open(signal);
    state.markingMs = 200;
    for (const key of ["1", "2"]) await commit([record(key)]);
    asked.length = 0;
    for (let n = 0; n < 20; n++) await commit([record(String(n))]);
    const begins = asked.filter((name) => name === "addPartitionsToTxn");
    expect(begins.length).toBeLessThan(45);
    // A coordinator that has become fast soon finds no transaction waiting.
    state.markingMs = 0;
    for (let n = 0; n < 60; n++) await commit([record(String(n))]);
    const beforeMs = state.endedMs;
    await commit([record("last")]);
    expect(state.endedMs - beforeMs).toBeLessThan(1);
  });

  it("is sent again under the same numbers when a leader has moved", async () => {
    const { asked, failures, produced, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1")]);
    asked.length = 0;
    failures.set("produce", [NOT_LEADER]);
    await commit([record("2")]);
    expect(asked).toEqual([
      ...["addPartitionsToTxn", "produce", "metadata", "produce", "endTxn"],
    ]);
    expect(produced.at(-1)?.topicData[0]?.partitions[0]?.firstSequence).toBe(1);
  });

  it("does not count when a partition is not confirmed, though the request succeeded", async () => {
    const { asked, state, producer, commit } = trial();
    await producer.open(signal);
    state.isConfirming = false;
    await expect(commit([record("1")])).rejects.toThrow("does not speak of");
    expect(asked).not.toContain("endTxn");
    expect(producer.isOpen).toBe(false);
  });

  it("does not count when a topic got more partitions in the middle: keys may have moved", async () => {
    const { failures, state, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1")]);
    failures.set("produce", [NOT_LEADER]);
    state.partitions = 2;
    await expect(commit([record("2")])).rejects.toThrow("got more partitions");
    expect(producer.isOpen).toBe(false);
  });

  it("looks for more partitions after some minutes", async () => {
    const { asked, clock, producer, commit } = trial();
    await producer.open(signal);
    await commit([record("1")]);
    await clock.advance(301_000);
    asked.length = 0;
    await commit([record("2")]);
    expect(asked).toContain("metadata");
  });

  it("ends the ownership when another producer has taken it over", async () => {
    const { failures, producer, commit } = trial();
    await producer.open(signal);
    failures.set("addPartitionsToTxn", [INVALID_PRODUCER_EPOCH]);
    const failed = await commit([record("1")]).catch((error: unknown) => error);
    expect(isFencing(failed)).toBe(true);
    expect(producer.isOpen).toBe(false);
    await expect(commit([record("1")])).rejects.toThrow("has gone");
  });

  it("of nothing asks for nothing", async () => {
    const { asked, producer, commit } = trial();
    await producer.open(signal);
    asked.length = 0;
    expect(await commit([])).toEqual([[]]);
    expect(asked).toEqual([]);
  });
});
