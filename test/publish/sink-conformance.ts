import { describe, expect, it } from "vitest";
import type { Item } from "../../src/domain/change.ts";
import { isRetryable } from "../../src/domain/faults.ts";
import type { Observer } from "../../src/domain/observer.ts";
import type { KafkaRecord } from "../../src/kafka/write/kafka-writer.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ItemPublisher } from "../../src/publish/publisher.ts";
import { TypeRefusals } from "../../src/publish/type-refusals.ts";
import { Router } from "../../src/publish/topics/router.ts";
import type { Sink, WriteRefusal } from "../../src/publish/sink.ts";
import { change } from "../support/builders.ts";

/** What a reader of the sink's target gets. */
export interface ReadBack {
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A sink on a target of its own. */
export interface SinkTrial extends AsyncDisposable {
  readonly sink: Sink;
  /** Names of topics begin with it. */
  readonly prefix: string;
  /** The records of a topic, in the order of each key. */
  read(topic: string): Promise<readonly ReadBack[]>;
}

export interface SinkUnderTest {
  readonly name: string;
  start(): Promise<SinkTrial>;
  /** A size of record that the target does not take; null when it takes any. */
  readonly refusedBytes: number | null;
}

/** How many records of a type are refused before the type waits for its topic. */
const MOST_REFUSED = 2;

const never = new AbortController().signal;

/** The promises of `Sink`, which each implementation must keep, on a real target. */
export function conformingSink(underTest: SinkUnderTest) {
  const { name, refusedBytes } = underTest;
  const start = () => underTest.start();
  const keepsHistory = name.includes("exactly");

  /** Writes once the topics are ready; resolves to what is refused of a record. */
  async function write(
    { sink }: SinkTrial,
    ...batches: readonly (readonly KafkaRecord[])[]
  ): Promise<WriteRefusal | null> {
    const topics = [...new Set(batches.flat().map(({ topic }) => topic))];
    expect(await sink.topics.prepare(topics, never)).toEqual(new Map());
    for (;;) {
      try {
        const refusal = await sink.write(batches, never);
        if (refusal?.scope !== "type") return refusal;
        // Some broker does not know yet of a topic that was just created.
        const [topic = ""] = topics;
        expect(await sink.topics.refused(topic, refusal.cause, never)).toBe(
          null,
        );
      } catch (error) {
        if (!isRetryable(error)) throw error;
      }
    }
  }

  describe(name, () => {
    it("writes records byte for byte, with keys, headers and tombstones", async () => {
      await using trial = await start();
      const topic = `${trial.prefix}.contact`;
      const value = '{"id":9007199254740993,"exact":1.0,"text":"\u{1f600} é"}';
      const headers = { "sell.type": "contact", "sell.session": "ü" };
      await write(trial, [
        { topic, key: "1", value: Buffer.from(value), headers },
        { topic, key: "1", value: null, headers },
      ]);
      expect(await trial.read(topic)).toEqual([
        { key: "1", value, headers },
        { key: "1", value: null, headers },
      ]);
    });

    it("keeps the order of batches and of the records of a key", async () => {
      await using trial = await start();
      const topic = `${trial.prefix}.contact`;
      const record = (key: string, place: number): KafkaRecord => ({
        topic,
        key,
        value: Buffer.from(String(place)),
        headers: {},
      });
      await write(
        trial,
        [record("a", 1), record("b", 1), record("a", 2)],
        [record("a", 3), record("b", 2)],
      );
      const read = await trial.read(topic);
      const valuesOf = (wanted: string) =>
        read.flatMap(({ key, value }) => (key === wanted ? [value] : []));
      expect(valuesOf("a")).toEqual(["1", "2", "3"]);
      expect(valuesOf("b")).toEqual(["1", "2"]);
    });

    it("writes again after a rest", async () => {
      await using trial = await start();
      const topic = `${trial.prefix}.contact`;
      const record = (key: string): KafkaRecord => ({
        topic,
        key,
        value: Buffer.from("{}"),
        headers: {},
      });
      await write(trial, [record("1")]);
      await trial.sink.rest(true);
      await write(trial, [record("2")]);
      await trial.sink.rest(false);
      const keys = (await trial.read(topic)).map(({ key }) => key);
      expect(keys.toSorted()).toEqual(["1", "2"]);
    });

    it.skipIf(refusedBytes === null)(
      "refuses a record that is too large for good, and says that it is the size",
      async () => {
        await using trial = await start();
        const topic = `${trial.prefix}.contact`;
        const value = Buffer.alloc(refusedBytes ?? 0, "x");
        const large = { topic, key: "1", value, headers: {} };
        expect(await write(trial, [large])).toMatchObject({
          scope: "record",
          isTooLarge: true,
        });
        expect(await trial.read(topic)).toEqual([]);
      },
    );

    it.skipIf(refusedBytes === null)(
      "writes what stands beside a refused record once",
      async () => {
        await using trial = await start();
        const publisher = publisherOn(trial);
        const types = ["contact", "lead", "task"];
        const ids = Array.from({ length: 20 }, (_, index) => String(index));
        const items = types.flatMap((type) =>
          ids.map((id) => change({ type, id })),
        );
        const large = change({
          type: "deal",
          data: Buffer.alloc(refusedBytes ?? 0, "1"),
        });
        await publisher.ready(never);
        await publisher.publish([...items, large], never);
        for (const type of types) {
          const read = await trial.read(`${trial.prefix}.${type}`);
          const keys = read.map(({ key }) => key);
          expect(keys.toSorted()).toEqual(ids.toSorted());
        }
      },
    );

    it("gives every item its fate, through the publisher", async () => {
      await using trial = await start();
      const publisher = publisherOn(trial);
      const malformed: Item = {
        ...change({ id: "7", revision: 3 }),
        kind: "malformed",
        problem: "it has no data",
      };
      const items = [
        change({ id: "1", revision: 1 }),
        change({ id: "1", revision: 2, op: "d", eventType: "deleted" }),
        malformed,
      ];
      await publisher.ready(never);
      const settled = await publisher.publish(items, never);
      const fates = new Map(
        settled.outcomes.map(({ item, fate }) => [item, fate.kind]),
      );
      expect(items.map((item) => fates.get(item))).toEqual([
        "published",
        "published",
        "dead-lettered",
      ]);
      expect(settled.ackKeys.toSorted()).toEqual(
        items.map(({ ackKey }) => ackKey).toSorted(),
      );
      const published = await trial.read(`${trial.prefix}.contact`);
      expect(published.map(({ value }) => value)).toEqual(['{"id":1}', null]);
      const deadLetters = await trial.read(`${trial.prefix}.dead`);
      expect(deadLetters).toMatchObject([
        { key: "7", headers: { "error.message": "it has no data" } },
      ]);
    });

    it.skipIf(refusedBytes === null)(
      "leaves a type to later sessions once its topic has refused enough of it",
      async () => {
        await using trial = await start();
        const publisher = publisherOn(trial);
        const items = Array.from({ length: MOST_REFUSED + 2 }, (_, id) =>
          change({
            id: String(id),
            data: Buffer.alloc(refusedBytes ?? 0, "1"),
          }),
        );
        await publisher.ready(never);
        const { outcomes, ackKeys } = await publisher.publish(items, never);
        const kinds = outcomes.map(({ fate }) => fate.kind).toSorted();
        expect(kinds).toEqual([
          "dead-lettered",
          "dead-lettered",
          "deferred",
          "deferred",
        ]);
        expect(ackKeys).toHaveLength(MOST_REFUSED);
        const later = [change({ id: "8", session: "session-2" })];
        const next = await publisher.publish(later, never);
        expect(next.outcomes).toMatchObject([{ fate: { kind: "published" } }]);
      },
    );

    it.skipIf(!keepsHistory)(
      "knows what was settled, and writes it no second time",
      async () => {
        await using trial = await start();
        const publisher = publisherOn(trial);
        const item = change({ id: "1" });
        await publisher.ready(never);
        await publisher.publish([item], never);
        const again = await publisher.publish([item], never);
        expect(again.outcomes).toEqual([{ item, fate: { kind: "duplicate" } }]);
        expect(again.ackKeys).toEqual([item.ackKey]);
        expect(await trial.read(`${trial.prefix}.contact`)).toHaveLength(1);
      },
    );

    it("ends with the signal, and leaves nothing to be acknowledged", async () => {
      await using trial = await start();
      const reason = new Error("no more waiting");
      const publishing = publisherOn(trial, () => {
        throw reason;
      }).publish([change()], AbortSignal.abort(reason));
      if (name.includes("Kafka")) await expect(publishing).rejects.toBe(reason);
      else await publishing;
    });
  });
}

function publisherOn(
  { sink, prefix }: SinkTrial,
  retrying: Observer["retrying"] = () => undefined,
): ItemPublisher {
  const deadLetterTopic = `${prefix}.dead`;
  return new ItemPublisher({
    sink,
    encoder: {
      prepare: () => Promise.resolve(),
      encode: ({ data, op }) => [
        { value: op === "d" ? null : data, headers: {} },
      ],
    },
    router: new Router({
      connectorName: "c",
      pattern: `${prefix}.{type}`,
      reserved: [deadLetterTopic],
    }),
    clock: systemClock,
    connectorName: "c",
    deadLetterTopic,
    retrying,
    refusals: new TypeRefusals({ brokers: [], most: MOST_REFUSED }),
  });
}
