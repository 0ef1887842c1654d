// Exactly-once connectors of one process read each partition of the journal once for all of them, and
// ask the brokers for nothing that the protocol does not need.
import { describe, expect, it } from "vitest";
import { exactlyOnceOn } from "../../../src/app/context/shared-resources.ts";
import { FencedFault } from "../../../src/domain/faults.ts";
import type { Broker, Cluster } from "../../../src/kafka/client/cluster.ts";
import type { Kafka } from "../../../src/kafka/client/kafkajs.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";
import { createTransactionalSink } from "../../../src/publish/exactly-once/transactional-sink.ts";
import { RevisionMemory } from "../../../src/publish/revision-memory.ts";
import { anyTopic } from "../../../src/publish/sink.ts";
import { Router } from "../../../src/publish/topics/router.ts";
import { calm } from "../../simulation/chances.ts";
import { MemoryClient } from "../../simulation/memory-client.ts";
import { MemoryKafka } from "../../simulation/memory-kafka.ts";
import { Life, quiet, Schedule } from "../../simulation/schedule.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";
import { change } from "../../support/builders.ts";

const { signal } = new AbortController();
const MINUTE_MS = 60_000;
/** Far less than any wait that the tests are about. */
const STEP_MS = 5;
/** What the brokers in memory answer to one fetch. */
const RECORDS_PER_FETCH = 4;

/** Processes with exactly-once connectors on brokers in memory, and what they asked of them. */
class Trial {
  readonly clock = new FakeClock();
  readonly #schedule = new Schedule(7, false);
  readonly kafka = new MemoryKafka(this.#schedule, () => undefined);
  #asked: string[] = [];

  /** A process, all of whose connectors share what they can. */
  process() {
    const life = new Life(this.#schedule, 1);
    const client = new MemoryClient(
      this.kafka,
      this.#schedule,
      life,
      () => calm,
      new Set(),
    );
    const kafka = noting(client.kafka, (request) => this.#asked.push(request));
    const { journal: feed, transactions: connections } = exactlyOnceOn(
      kafka,
      this.clock,
    );
    const connector = (name: string) => {
      const sink = createTransactionalSink({
        kafka,
        feed,
        connections,
        connectorName: name,
        device: `device-${name}`,
        compression: "none",
        router: new Router({
          connectorName: name,
          pattern: "{name}",
          reserved: [],
        }),
        revisions: new RevisionMemory(1 << 5),
        topics: anyTopic,
        clock: this.clock,
        retrying: () => undefined,
        mayWrite: () => undefined,
      });
      const publish = async (ids: readonly number[]) => {
        const items = ids.map((id) => change({ id: String(id) }));
        const { history } = sink;
        const { fresh } = history.beginBatch(items);
        const { seq } = history;
        const records = fresh.flatMap((item) => [
          { topic: name, key: "k", value: Buffer.from("{}"), headers: {} },
          ...history.entriesFor(item, "published"),
        ]);
        const refusal = await this.run(sink.write([records], signal));
        expect(refusal).toBeNull();
        history.acknowledged(seq);
        return fresh.length;
      };
      return { sink, publish };
    };
    return { connector };
  }

  /** Lets things happen until a promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const end = () => {
      state.isOver = true;
    };
    promise.then(end, end);
    await quiet();
    while (!state.isOver) {
      await this.#schedule.step();
      await this.clock.advance(STEP_MS);
    }
    return promise;
  }

  /** What was asked since the last time. */
  asked(): string[] {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  count(request: string): number {
    return this.#asked.filter((one) => one === request).length;
  }
}

/** The client, with each request of its clusters and brokers noted by its name. */
function noting(kafka: Kafka, note: (request: string) => void): Kafka {
  const [key] = Object.getOwnPropertySymbols(kafka);
  if (key === undefined) throw new Error("no clusters");
  const makers = kafka as unknown as Record<symbol, (o: object) => Cluster>;
  const make = makers[key];
  makers[key] = (options) => {
    const cluster = make?.(options);
    if (cluster === undefined) throw new Error("no cluster");
    const known = new Map<Broker, Broker>();
    const noted = async (finding: Promise<Broker>): Promise<Broker> => {
      const broker = await finding;
      const before = known.get(broker);
      if (before !== undefined) return before;
      const names = Object.keys(broker) as (keyof Broker)[];
      const calls = names.map((name) => [
        name,
        (request: never) => {
          note(name);
          return broker[name](request);
        },
      ]);
      const noting = Object.fromEntries(calls) as Broker;
      known.set(broker, noting);
      return noting;
    };
    return {
      ...cluster,
      connect: () => {
        note("connect");
        return cluster.connect();
      },
      refreshMetadata: () => {
        note("metadata");
        return cluster.refreshMetadata();
      },
      addMultipleTargetTopics: (topics) => {
        note("metadata");
        return cluster.addMultipleTargetTopics(topics);
      },
      findBroker: (node) => noted(cluster.findBroker(node)),
      findControllerBroker: () => noted(cluster.findControllerBroker()),
    };
  };
  return kafka;
}

describe("a small drain of an exactly-once connector", () => {
  it("asks for its transaction and its newest entry alone, once the connector is live", async () => {
    const trial = new Trial();
    const { connector } = trial.process();
    const { sink, publish } = connector("a");
    await trial.run(sink.recover(signal));
    for (const id of [1, 2]) {
      await trial.run(sink.ready(signal));
      await publish([id]);
      await trial.run(sink.rest(true));
    }
    expect(trial.count("initProducerId")).toBe(1);
    expect(trial.count("connect")).toBe(2);
    trial.asked();

    await trial.run(sink.ready(signal));
    expect(trial.asked()).toEqual(["fetch"]);
    await trial.clock.advance(1_000);
    await trial.run(sink.ready(signal));
    expect(trial.asked()).toEqual(["metadata", "fetch"]);
    await publish([3, 4]);
    expect(trial.asked()).toEqual(["addPartitionsToTxn", "produce", "endTxn"]);
    await trial.run(sink.rest(true));
    expect(trial.asked()).toEqual([]);
  });

  it("lets go of the transactional id once nothing was written for some minutes, behind a checkpoint", async () => {
    const trial = new Trial();
    const { connector } = trial.process();
    const { sink, publish } = connector("a");
    await trial.run(sink.ready(signal));
    await publish([1]);
    await trial.clock.advance(4 * MINUTE_MS);
    trial.asked();
    await trial.run(sink.rest(true));
    expect(trial.asked()).toEqual([]);

    await trial.clock.advance(2 * MINUTE_MS);
    await trial.run(sink.rest(true));
    expect(trial.asked()).toContain("endTxn");
    const next = trial.process().connector("a");
    expect(await trial.run(next.sink.recover(signal))).toBeNull();
    trial.asked();
    await trial.run(sink.ready(signal));
    expect(trial.count("initProducerId")).toBe(1);
  });

  it("stores its checkpoint when the connector is stopped, and not before", async () => {
    const trial = new Trial();
    const { sink, publish } = trial.process().connector("a");
    await trial.run(sink.ready(signal));
    await publish([1]);
    await trial.run(sink.rest(true));
    const killed = trial.process().connector("a");
    const recovered = await trial.run(killed.sink.recover(signal));
    expect(recovered?.ackKeys).toEqual(["contact-1-1"]);
    await trial.run(killed.sink.close());

    const stopped = trial.process().connector("a");
    await trial.run(stopped.sink.recover(signal));
    await stopped.publish([2]);
    await trial.run(stopped.sink.close());
    const next = trial.process().connector("a");
    expect(await trial.run(next.sink.recover(signal))).toBeNull();
  });

  it("is refused a write once a rival has published, and begins with what that one published", async () => {
    const trial = new Trial();
    const one = trial.process().connector("a");
    await trial.run(one.sink.ready(signal));
    await one.publish([1]);
    await trial.run(one.sink.rest(true));
    const rival = trial.process().connector("a");
    await trial.run(rival.sink.recover(signal));
    await rival.publish([2]);

    await trial.run(one.sink.ready(signal));
    await expect(one.publish([1, 2])).rejects.toThrow(FencedFault);
    await expect(trial.run(one.sink.ready(signal))).rejects.toThrow(
      FencedFault,
    );
    await trial.run(one.sink.ready(signal));
    expect(await one.publish([1, 2])).toBe(0);
  });
});

describe("exactly-once connectors that share a partition of the journal", () => {
  const names = Array.from({ length: 20 }, (_, n) => `c${n}`);
  const EACH = 5;

  async function withHistory(): Promise<Trial> {
    const trial = new Trial();
    const { connector } = trial.process();
    for (const [place, name] of names.entries()) {
      const { sink, publish } = connector(name);
      await trial.run(sink.ready(signal));
      for (let n = 0; n < EACH; n++) await publish([place * EACH + n]);
    }
    trial.asked();
    return trial;
  }

  it("read their history once when they start together, and get their own part of it", async () => {
    const trial = await withHistory();
    const { connector } = trial.process();
    const connectors = names.map(connector);
    const recovered = await trial.run(
      Promise.all(connectors.map(({ sink }) => sink.recover(signal))),
    );
    for (const [place, settled] of recovered.entries())
      expect(settled?.ackKeys).toContain(`contact-${place * EACH + 4}-1`);
    const { end } = trial.kafka.partition(JOURNAL_TOPIC, 0);
    const onceRead = Math.ceil(end / RECORDS_PER_FETCH);
    expect(trial.count("fetch")).toBeLessThan(3 * onceRead);
    for (const [place, { publish }] of connectors.entries())
      expect(await publish([place * EACH, place * EACH + 4])).toBe(0);
  });

  it("read what the others write once, however rarely one of them publishes", async () => {
    const trial = await withHistory();
    const { connector } = trial.process();
    const rare = connector("rare");
    const busy = connector("busy");
    await trial.run(rare.sink.ready(signal));
    await trial.run(busy.sink.ready(signal));
    await rare.publish([1_000]);
    for (let n = 0; n < 40; n++) {
      await busy.publish([2_000 + n]);
      await trial.run(busy.sink.ready(signal));
    }
    trial.asked();
    await trial.run(rare.sink.ready(signal));
    // One for what is new, and one to see that its own newest record is still there.
    expect(trial.count("fetch")).toBeLessThanOrEqual(2);
    expect(await rare.publish([1_000])).toBe(0);
  });
});
