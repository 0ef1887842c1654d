// The first complete drain of a device and each large one are marked, once, and whatever goes wrong
// with a marker neither ends nor holds up the drains.
import { describe, expect, it } from "vitest";
import {
  FencedFault,
  TypeFault,
  UnavailableFault,
} from "../../../src/domain/faults.ts";
import type { Outcome } from "../../../src/domain/settled.ts";
import type { KafkaRecord } from "../../../src/kafka/write/kafka-writer.ts";
import {
  deviceIn,
  endOffsetsOf,
} from "../../../src/publish/drain-markers/drain-marker.ts";
import { Semaphore } from "../../../src/lib/semaphore.ts";
import { DrainMarkers } from "../../../src/publish/drain-markers/drain-markers.ts";
import type { WriteRefusal } from "../../../src/publish/sink.ts";
import { change } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const never = new AbortController().signal;
const DEVICE = "device-1";
const endOffsets = { "sell.contact": { 0: 7, 1: 0 } };

function denied(code: "topic-denied" | "topic-missing"): TypeFault {
  return new TypeFault({ code, reason: `it is ${code}`, remedy: "allow it" });
}

/** A connector whose Kafka does what a test tells it to. */
class Marked {
  readonly clock = new FakeClock();
  readonly semaphore = new Semaphore(1);
  readonly written: KafkaRecord[] = [];
  readonly told: string[] = [];
  /** Requests to Kafka, in order. */
  readonly asked: string[] = [];
  markedDevice: () => Promise<string | null> = () => Promise.resolve(null);
  prepare: () => Promise<void> = () => Promise.resolve();
  write: (signal: AbortSignal) => Promise<WriteRefusal | null> = () =>
    Promise.resolve(null);
  readonly #markers: DrainMarkers;

  constructor(device = DEVICE) {
    const asking = async <T>(name: string, answer: () => Promise<T>) => {
      this.asked.push(name);
      return answer();
    };
    this.#markers = new DrainMarkers({
      connectorName: "sell",
      device,
      topic: "markers",
      clock: this.clock,
      semaphore: this.semaphore,
      withinMs: 500,
      cluster: {
        visit: (_, task) =>
          task({
            endOffsets: () =>
              asking("offsets", () => Promise.resolve(endOffsets)),
            markedDevice: () => asking("read", () => this.markedDevice()),
            prepare: () => asking("prepare", () => this.prepare()),
          }),
      },
      sink: {
        write: async (batches, signal) => {
          const refusal = await asking("write", () => this.write(signal));
          if (refusal === null) this.written.push(...batches.flat());
          return refusal;
        },
      },
      written: () => undefined,
      failed: (reason) => this.told.push(reason),
    });
  }

  /** The markers written so far. */
  get markers(): unknown[] {
    return this.written.map(
      ({ value }) => JSON.parse(value?.toString() ?? "") as unknown,
    );
  }

  publish(
    type: string,
    count: number,
    kind: "published" | "superseded" = "published",
  ) {
    const outcome: Outcome = { item: change({ type }), fate: { kind } };
    this.#markers.observer.settled(Array<Outcome>(count).fill(outcome), 0);
  }

  complete(givingUp = never): Promise<void> {
    return this.#markers.drainCompleted(givingUp);
  }
}

describe("a marker", () => {
  it("follows the first complete drain of a device, with its counts and the end offsets", async () => {
    const marked = new Marked();
    marked.publish("deal", 2);
    marked.publish("contact", 3);
    marked.publish("contact", 4, "superseded");
    await marked.complete();
    expect(marked.asked).toEqual(["read", "prepare", "offsets", "write"]);
    expect(marked.written).toMatchObject([
      {
        topic: "markers",
        key: "sell",
        headers: { "sell.connector": "sell" },
      },
    ]);
    expect(marked.markers).toEqual([
      {
        connector: "sell",
        device: DEVICE,
        time: "2026-11-24T00:00:00.000Z",
        isFirst: true,
        counts: { contact: 3, deal: 2 },
        endOffsets,
      },
    ]);
    expect(deviceIn(marked.written[0]?.value ?? null)).toBe(DEVICE);
  });

  it("does not follow a small drain, for which nothing is asked", async () => {
    const marked = new Marked();
    await marked.complete();
    marked.asked.length = 0;
    marked.publish("contact", 9_999);
    await marked.complete();
    expect(marked.asked).toEqual([]);
  });

  it("follows each drain of 10,000 changes and more, with the counts of that drain alone", async () => {
    const marked = new Marked();
    await marked.complete();
    marked.publish("contact", 9_999);
    await marked.complete();
    marked.publish("contact", 9_000);
    marked.publish("deal", 1_000);
    await marked.complete();
    marked.publish("contact", 1);
    await marked.complete();
    expect(marked.markers).toMatchObject([
      { isFirst: true, counts: {} },
      { isFirst: false, counts: { contact: 9_000, deal: 1_000 } },
    ]);
  });

  it("does not come again after a restart, but does for another device", async () => {
    for (const [device, count] of [
      [DEVICE, 0],
      ["device-2", 1],
    ] as const) {
      const marked = new Marked(device);
      marked.markedDevice = () => Promise.resolve(DEVICE);
      marked.publish("contact", 1);
      await marked.complete();
      await marked.complete();
      expect(marked.written).toHaveLength(count);
      expect(marked.asked.filter((what) => what === "read")).toHaveLength(1);
      expect(marked.asked.filter((what) => what === "offsets")).toHaveLength(
        count,
      );
    }
  });

  it("comes at each start where the earlier ones can't be read", async () => {
    const marked = new Marked();
    marked.markedDevice = () => Promise.reject(denied("topic-denied"));
    await marked.complete();
    await marked.complete();
    expect(marked.written).toHaveLength(1);
    expect(marked.told).toEqual([]);
  });

  it("waits for a later drain while other connectors are at theirs", async () => {
    const marked = new Marked();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const other = marked.semaphore.run(() => promise, never);
    marked.publish("contact", 3);
    await marked.complete();
    expect(marked.asked).toEqual([]);
    resolve(undefined);
    await other;
    marked.publish("contact", 1);
    await marked.complete();
    expect(marked.markers).toMatchObject([{ counts: { contact: 4 } }]);
    expect(marked.told).toEqual([]);
  });

  it("counts 1,000 types and no more", async () => {
    const marked = new Marked();
    for (let type = 0; type < 1_100; type++) marked.publish(`type${type}`, 10);
    marked.publish("__proto__", 1);
    marked.publish("type7", 1);
    await marked.complete();
    const [marker] = marked.markers as { counts: Record<string, number> }[];
    expect(Object.keys(marker?.counts ?? {})).toHaveLength(1_000);
    expect(marker?.counts["type7"]).toBe(11);
  });
});

describe("a marker that can't be written", () => {
  const failures: readonly (readonly [string, (marked: Marked) => void])[] = [
    [
      "a topic that is denied",
      (marked) => {
        marked.prepare = () => Promise.reject(denied("topic-denied"));
      },
    ],
    [
      "markers that can't be reached",
      (marked) => {
        marked.markedDevice = () =>
          Promise.reject(new UnavailableFault("it can't be reached"));
      },
    ],
    [
      "a write that is fenced",
      (marked) => {
        marked.write = () => Promise.reject(new FencedFault("another one"));
      },
    ],
    [
      "a record that is refused",
      (marked) => {
        marked.write = () =>
          Promise.resolve({
            scope: "type",
            code: "X",
            reason: "it is refused",
            cause: null,
            isTooLarge: false,
            written: new Set(),
          });
      },
    ],
    [
      "an error of a kind that nobody expects",
      (marked) => {
        marked.prepare = () => Promise.reject(new TypeError("x"));
      },
    ],
    [
      "a broker that is silent",
      (marked) => {
        marked.write = (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              reject(signal.reason as Error);
            });
          });
      },
    ],
  ];

  it.each(failures)(
    "for %s is told once, and stays due with its counts",
    async (_, fail) => {
      const marked = new Marked();
      const { prepare, markedDevice, write } = marked;
      fail(marked);
      marked.publish("contact", 3);
      await marked.complete();
      expect(marked.told).toHaveLength(1);
      await marked.clock.advance(60_000);
      await marked.complete();
      expect(marked.told).toHaveLength(1);
      Object.assign(marked, { prepare, markedDevice, write });
      marked.publish("contact", 1);
      await marked.clock.advance(59_999);
      await marked.complete();
      expect(marked.written).toHaveLength(0);
      await marked.clock.advance(1);
      await marked.complete();
      expect(marked.markers).toMatchObject([{ counts: { contact: 4 } }]);
      await marked.complete();
      expect(marked.written).toHaveLength(1);
    },
  );

  it("is told again for another cause, and after one was written", async () => {
    const marked = new Marked();
    const fail = (code: "topic-denied" | "topic-missing") => async () => {
      await marked.clock.advance(60_000);
      marked.prepare = () => Promise.reject(denied(code));
      marked.publish("contact", 10_000);
      await marked.complete();
    };
    await fail("topic-missing")();
    await fail("topic-denied")();
    await fail("topic-denied")();
    await marked.clock.advance(60_000);
    marked.prepare = () => Promise.resolve();
    await marked.complete();
    await fail("topic-denied")();
    expect(marked.told).toEqual([
      expect.stringContaining("topic-missing"),
      expect.stringContaining("topic-denied"),
      expect.stringContaining("topic-denied"),
    ]);
  });

  it("at first, since a broker does not know its new topic yet, is tried again", async () => {
    const marked = new Marked();
    const { write } = marked;
    const cause = { scope: "type", cause: null, isTooLarge: false } as const;
    const code = "UNKNOWN_TOPIC_OR_PARTITION";
    marked.write = () => {
      marked.write = write;
      const refusal = {
        ...cause,
        code,
        reason: "x",
        written: new Set<never>(),
      };
      return Promise.resolve(refusal);
    };
    const completed = marked.complete();
    await expect.poll(() => marked.clock.sleepers).toBe(1);
    await marked.clock.advance(10_000);
    await completed;
    expect(marked.written).toHaveLength(1);
    expect(marked.told).toEqual([]);
  });

  it("because the process gives up is not told", async () => {
    const marked = new Marked();
    const givingUp = new AbortController();
    marked.write = () => {
      givingUp.abort(new Error("stop"));
      return Promise.reject(new Error("aborted"));
    };
    await marked.complete(givingUp.signal);
    expect(marked.told).toEqual([]);
  });
});

it.each(["", "{", "null", "7", '"x"', "{}", '{"device":7}'])(
  "%j names no device",
  (text) => {
    expect(deviceIn(Buffer.from(text))).toBeNull();
  },
);

it("end offsets are told by topic and partition, in their order", () => {
  const ranges = [
    { topic: "b", partition: 0, from: 0n, to: 3n },
    { topic: "a", partition: 10, from: 0n, to: 4n },
    { topic: "a", partition: 2, from: 1n, to: 9_007_199_254_740_991n },
  ];
  expect(JSON.stringify(endOffsetsOf(ranges))).toBe(
    '{"a":{"2":9007199254740991,"10":4},"b":{"0":3}}',
  );
});
