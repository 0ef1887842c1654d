// The demo's end without Kafka: it says why it waits, which key ends it, and compares what there is.
import { describe, expect, it } from "vitest";
import { KafkaWatch } from "../../../src/cli/commands/demo/kafka-watch.ts";
import { lastCounts } from "../../../src/cli/commands/demo/last-counts.ts";
import { Tally } from "../../../src/cli/commands/demo/tally.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { Simulator } from "../../../src/simulator/server.ts";

const refused = new Error("connect ECONNREFUSED");

/** An account of one record, of whose changes so many are pending. */
function endWith(pending: number, kafka: KafkaWatch) {
  const state = {
    records: { live: 1 },
    devices: { d: { pending, acknowledged: 1 } },
  } as unknown as ReturnType<Simulator["state"]>;
  const tally = new Tally();
  tally.add({
    topic: "sell.deal",
    place: "sell.deal[0]@0",
    key: "1",
    text: '{"op":"c"}',
    ackKey: "a",
  });
  const why: string[] = [];
  const given: boolean[] = [];
  return {
    why,
    given,
    end: {
      simulator: { state: () => state },
      device: "d",
      clock: systemClock,
      tally,
      kafka,
      polling: {
        stop: (isGivenUp: boolean) => {
          given.push(isGivenUp);
          return Promise.resolve();
        },
      },
      show: {
        during: async <T>(
          waiting: { why: () => string },
          work: () => Promise<T>,
        ) => {
          why.push(waiting.why());
          return work();
        },
      },
    },
  };
}

const awayKafka = () => {
  const kafka = new KafkaWatch();
  kafka.observer.retrying?.("publish", refused, 1, 200);
  return kafka;
};

describe("the demo's end", () => {
  it("finishes what is held while Kafka is there", async () => {
    const { end, why, given } = endWith(0, new KafkaWatch());
    const counts = await lastCounts(end, AbortSignal.abort());
    expect(counts).toMatchObject({ agrees: true, acknowledged: 1, read: 1 });
    expect([why, given]).toEqual([[""], [false]]);
  });

  it("gives up at Ctrl-C while Kafka is unavailable, and compares", async () => {
    const { end, why, given } = endWith(3, awayKafka());
    const asked = new AbortController();
    const counting = lastCounts(end, asked.signal);
    expect(why).toEqual(["; Kafka can't be reached; Ctrl-C ends"]);
    asked.abort();
    expect(await counting).toMatchObject({ agrees: false, pending: 3 });
    expect(given).toEqual([true]);
  });

  it("names another Ctrl-C after the first", async () => {
    const { end, why } = endWith(0, awayKafka());
    await lastCounts(end, AbortSignal.abort());
    expect(why).toEqual(["; Kafka can't be reached; Ctrl-C again ends"]);
  });
});

describe("what is known of Kafka", () => {
  it("follows what the connector observes", () => {
    const kafka = new KafkaWatch();
    const { observer } = kafka;
    const seen = [
      () => observer.notReached?.("registry", refused, 1),
      () => observer.notReached?.("kafka", refused, 1),
      () => observer.reached?.("registry"),
      () => observer.reached?.("kafka"),
      () => observer.retrying?.("fetch", refused, 1, 1),
      () => observer.retrying?.("publish", refused, 1, 1),
      () => observer.settled?.([], 1),
    ].map((event) => {
      event();
      return kafka.isAway;
    });
    expect(seen).toEqual([false, true, true, false, false, true, false]);
  });
});
