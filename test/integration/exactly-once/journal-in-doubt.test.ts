// After a commit whose request or answer was lost, the journal tells whether it happened, also behind
// an open transaction of another process.
import { randomBytes } from "node:crypto";
import type { Kafka } from "kafkajs";
import { describe, expect, it } from "vitest";
import { exactlyOnceOn } from "../../../src/app/context/shared-resources.ts";
import { createTransactionalSink } from "../../../src/publish/exactly-once/transactional-sink.ts";
import { ItemPublisher } from "../../../src/publish/publisher.ts";
import { TypeRefusals } from "../../../src/publish/type-refusals.ts";
import { RevisionMemory } from "../../../src/publish/revision-memory.ts";
import type { Broker, Cluster } from "../../../src/kafka/client/cluster.ts";
import { partitionOf } from "../../../src/kafka/client/partition-of.ts";
import { Router } from "../../../src/publish/topics/router.ts";
import { listTopicsOf, Topics } from "../../../src/publish/topics/topics.ts";
import { systemClock as clock } from "../../../src/lib/clock.ts";
import { FencedFault } from "../../../src/domain/faults.ts";
import type { Publisher } from "../../../src/domain/ports.ts";
import { change } from "../../support/builders.ts";
import {
  countPartitions,
  readTopics,
  servers,
  testKafka,
} from "../../support/kafka/kafka.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";

const { signal } = new AbortController();

/** What becomes of the first commit of a producer: it is heard of, or not, and happened, or not. */
type Commit = "confirmed" | "lost" | "answer lost";

describe.skipIf(servers === null)("a journal that is read", () => {
  it.each<Commit>(["lost", "answer lost"])(
    "tells whether a commit that was %s has happened",
    async (commit) => {
      const { name, sink, failures } = connector({ commit });
      await sink.ready(signal);
      const items = changesOf(3);
      const settled = await sink.publish(items, signal);
      expect(settled.outcomes.map(({ fate }) => fate.kind)).toEqual(
        items.map(() => "published"),
      );
      expect(failures()).toBe(1);
      expect(await keysIn(name)).toEqual(["1", "2", "3"]);
    },
  );

  it.each<Commit>(["lost", "answer lost"])(
    "tells it of a commit that was %s behind another's open transaction",
    async (commit) => {
      const { name, sink, hasFetched } = connector({ commit });
      const neighbour = await openTransactionBeside(name, sink);
      const publishing = sink.publish(changesOf(3), signal);
      await Promise.race([publishing, hasFetched(3)]);
      await neighbour.end();
      await publishing;
      expect(await keysIn(name)).toEqual(["1", "2", "3"]);
    },
  );

  it("tells a new process what was committed behind another's open transaction", async () => {
    const { name, sink } = connector({ commit: "confirmed" });
    const neighbour = await openTransactionBeside(name, sink);
    const items = changesOf(3);
    await sink.publish(items, signal);

    const next = connector({ commit: "confirmed", name });
    const recovering = next.sink.recover(signal);
    await Promise.race([recovering, next.hasFetched(3)]);
    await neighbour.end();
    const recovered = await recovering;
    expect(recovered?.ackKeys).toEqual(items.map(({ ackKey }) => ackKey));
    const again = await next.sink.publish(items, signal);
    expect(again.outcomes.map(({ fate }) => fate.kind)).toEqual(
      items.map(() => "duplicate"),
    );
    expect(await keysIn(name)).toEqual(["1", "2", "3"]);
  });

  it("shows what another process has published, before anything older is written", async () => {
    const { name, sink, rest } = connector({ commit: "confirmed" });
    await sink.recover(signal);
    await sink.publish(changesOf(1), signal);
    await rest(true);
    const rival = connector({ commit: "confirmed", name });
    await rival.sink.recover(signal);
    await rival.sink.ready(signal);
    const newer = change({ id: "1", revision: 2 });
    await rival.sink.publish([newer], signal);

    await sink.ready(signal);
    await expect(sink.publish(changesOf(2), signal)).rejects.toThrow(
      FencedFault,
    );
    await expect(sink.ready(signal)).rejects.toThrow(FencedFault);
    await sink.ready(signal);
    const again = await sink.publish([newer], signal);
    expect(again.outcomes).toMatchObject([{ fate: { kind: "duplicate" } }]);
    expect(await keysIn(name)).toEqual(["1", "1"]);
  });
});

function changesOf(count: number) {
  return Array.from({ length: count }, (_, place) =>
    change({ id: String(place + 1) }),
  );
}

async function keysIn(name: string): Promise<string[]> {
  const records = await readTopics((topic) => topic === `${name}.contact`);
  return records.map(({ key }) => key).sort();
}

/** The exactly-once part of a connector, on a real Kafka whose first commit goes as it is told. */
function connector({
  commit,
  name = `doubt-${randomBytes(5).toString("hex")}`,
}: {
  readonly commit: Commit;
  readonly name?: string;
}) {
  const fetches = counter();
  const failures = counter();
  const kafka = doubtful(testKafka(), commit, fetches.count);
  const shared = exactlyOnceOn(kafka, clock);
  const deadLetterTopic = `${name}-dead-letter`;
  const retrying = failures.count;
  const router = new Router({
    connectorName: name,
    pattern: "{name}.{type}",
    reserved: [deadLetterTopic],
  });
  const revisions = new RevisionMemory();
  const common = { clock, router, revisions, retrying, connectorName: name };
  const sink = createTransactionalSink({
    ...common,
    kafka,
    device: `device-of-${name}`,
    compression: "none",
    mayWrite: () => undefined,
    feed: shared.journal,
    connections: shared.transactions,
    topics: new Topics({
      kafka,
      topicListing: listTopicsOf(kafka),
      clock,
      create: true,
      maxCreated: 200,
      isTarget: (topic) => topic.startsWith(`${name}.`),
      partitions: 1,
      replicationFactor: 1,
      defaultReplication: () => Promise.resolve(1),
      config: {},
      deadLetterTopic,
      journalTopic: JOURNAL_TOPIC,
      markersTopic: null,
      retrying,
    }),
  });
  const publisher = new ItemPublisher({
    ...common,
    sink,
    encoder: {
      prepare: () => Promise.resolve(),
      encode: ({ data }) => [{ value: data, headers: {} }],
    },
    deadLetterTopic,
    refusals: new TypeRefusals(),
  });
  return {
    name,
    sink: publisher,
    rest: (isComplete: boolean) => sink.rest(isComplete),
    failures: () => failures.seen,
    hasFetched: (times: number) => fetches.reaches(times),
  };
}

/** Another connector has a transaction open, in the partition of the journal that a name chooses. */
async function openTransactionBeside(name: string, publisher: Publisher) {
  await publisher.ready(signal);
  const kafka = testKafka();
  const count = await countPartitions(JOURNAL_TOPIC);
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    transactionalId: `beside-${name}`,
    transactionTimeout: 30_000,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({
    topic: JOURNAL_TOPIC,
    acks: -1,
    messages: [
      {
        partition: partitionOf(name, count),
        key: `beside-${name}`,
        value: '{"confirmed":0}',
      },
    ],
  });
  return {
    async end() {
      await transaction.commit();
      await producer.disconnect();
    },
  };
}

/** The client, with a first commit that goes as it is told, and its fetches counted. */
function doubtful(kafka: Kafka, commit: Commit, fetched: () => void): Kafka {
  const clusterKey = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (clusterKey === undefined) throw new Error("kafkajs makes no clusters");
  const makers = kafka as unknown as Record<symbol, (o: object) => Cluster>;
  const clusterFrom = makers[clusterKey];
  let isFirst = true;
  const decided = async (really: () => Promise<unknown>) => {
    const how = isFirst ? commit : "confirmed";
    isFirst = false;
    if (how !== "lost") await really();
    if (how !== "confirmed") throw new Error("the connection broke");
  };
  return Object.assign(kafka, {
    [clusterKey]: (options: object) => {
      const cluster = clusterFrom?.(options);
      if (cluster === undefined) throw new Error("no cluster");
      const findBroker = cluster.findBroker.bind(cluster);
      cluster.findBroker = async (wanted) => {
        const broker = await findBroker(wanted);
        const own = Object.getPrototypeOf(broker) as Broker;
        broker.fetch = (request) => {
          fetched();
          return own.fetch.call(broker, request);
        };
        broker.endTxn = (request) =>
          decided(() => own.endTxn.call(broker, request));
        return broker;
      };
      return cluster;
    },
  });
}

/** Counts, and tells when a number is reached. */
function counter() {
  const waiting: { at: number; resolve: () => void }[] = [];
  const state = { seen: 0 };
  return {
    get seen() {
      return state.seen;
    },
    count: () => {
      state.seen++;
      for (const { at, resolve } of waiting) if (state.seen >= at) resolve();
    },
    reaches: (times: number) =>
      new Promise<void>((resolve) => {
        waiting.push({ at: state.seen + times, resolve });
      }),
  };
}
