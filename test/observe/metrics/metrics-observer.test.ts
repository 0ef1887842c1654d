// The metrics count what became of each item, request and drain.
import { describe, expect, it } from "vitest";
import { MetricsObserver } from "../../../src/observe/metrics/metrics-observer.ts";
import { TypeLabels } from "../../../src/observe/metrics/type-counts.ts";
import { WaitingByCause } from "../../../src/observe/troubles/waiting-items.ts";
import type { Fate } from "../../../src/domain/settled.ts";
import { change, missingTopic, page, report } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const published: Fate = { kind: "published" };

function metricsOf() {
  const clock = new FakeClock();
  const waiting = new WaitingByCause();
  const metrics = new MetricsObserver({
    connector: null,
    version: "1.2.3",
    clock,
    types: new TypeLabels(),
    waiting: () => waiting.list(),
  });
  const lines = async () =>
    (await metrics.text())
      .split("\n")
      .filter((line) => line.startsWith("sell_kafka_"));
  return { clock, metrics, waiting, lines };
}

describe("the metrics", () => {
  it("count what became of each item", async () => {
    const { metrics, lines } = metricsOf();
    const deadLettered: Fate = {
      kind: "dead-lettered",
      stage: "encode",
      reason: "no",
    };
    metrics.settled(
      [
        { item: change({ op: "c" }), fate: published },
        { item: change({ op: "c" }), fate: published },
        { item: change({ type: "deal", op: "d" }), fate: published },
        { item: change(), fate: deadLettered },
        { item: change(), fate: { kind: "superseded" } },
      ],
      30,
    );
    const told = await lines();
    for (const line of [
      'sell_kafka_events_published_total{type="contact",op="c"} 2',
      'sell_kafka_events_published_total{type="deal",op="d"} 1',
      'sell_kafka_events_dead_lettered_total{type="contact",stage="encode"} 1',
      'sell_kafka_events_superseded_total{type="contact"} 1',
      "sell_kafka_publish_duration_seconds_sum 0.03",
      'sell_kafka_build_info{version="1.2.3"} 1',
    ])
      expect(told).toContain(line);
    expect(told.join("\n")).not.toContain("deferred");
  });

  it("say what waits now by type and cause, whatever was seen again", async () => {
    const { waiting, lines } = metricsOf();
    const gauge = async () =>
      (await lines()).filter((line) => line.includes("deferred"));
    const session = (...types: string[]) => {
      waiting.sessionStarted();
      waiting.settled(
        types.map((type) => ({
          item: change({ type }),
          fate: { kind: "deferred", why: missingTopic(`sell.${type}`) },
        })),
      );
      waiting.sessionEnded(report());
      waiting.drainEnded("incomplete");
    };
    session("contact", "deal", "deal");
    session("contact", "deal", "deal");
    expect(await gauge()).toEqual([
      'sell_kafka_deferred_events{type="contact",code="topic-missing"} 1',
      'sell_kafka_deferred_events{type="deal",code="topic-missing"} 2',
    ]);
    session("deal");
    expect(await gauge()).toEqual([
      'sell_kafka_deferred_events{type="deal",code="topic-missing"} 1',
    ]);
    waiting.drainEnded("complete");
    expect(await gauge()).toEqual([]);
  });

  it("measure the lag from Sell's own time to the confirmation", async () => {
    const { clock, metrics, lines } = metricsOf();
    const at = (secondsAgo: number) =>
      change({ sourceTimeMs: clock.epochMs() - secondsAgo * 1_000 });
    const deal = change({
      type: "deal",
      sourceTimeMs: clock.epochMs() - 7_000,
    });
    metrics.settled(
      [
        { item: at(-60), fate: published },
        { item: at(4), fate: published },
        { item: change({ sourceTimeMs: null }), fate: published },
        { item: deal, fate: published },
        { item: at(90), fate: { kind: "superseded" } },
      ],
      1,
    );
    const told = await lines();
    for (const line of [
      "sell_kafka_change_lag_seconds_sum 11",
      "sell_kafka_change_lag_seconds_count 3",
      'sell_kafka_change_lag_seconds_bucket{le="5"} 2',
      'sell_kafka_last_change_lag_seconds{type="contact"} 4',
      'sell_kafka_last_change_lag_seconds{type="deal"} 7',
    ])
      expect(told).toContain(line);
  });

  it("follow the requests, what is held, and how drains end", async () => {
    const { clock, metrics, lines } = metricsOf();
    metrics.requested({
      endpoint: "queue",
      status: 429,
      throttled: true,
      durationMs: 250,
      ratePerSecond: 5,
    });
    metrics.buffered({ items: 7, bytes: 900 });
    metrics.unacknowledged(3);
    metrics.acknowledged(5);
    metrics.pageFetched(
      page([], { countLeft: 40, failedObjects: [{ type: "deal", id: "1" }] }),
    );
    let told = await lines();
    for (const line of [
      'sell_kafka_sell_requests_total{endpoint="queue",status="429"} 1',
      'sell_kafka_sell_request_duration_seconds_sum{endpoint="queue"} 0.25',
      "sell_kafka_throttled_requests_total 1",
      "sell_kafka_buffered_events 7",
      "sell_kafka_buffered_bytes 900",
      "sell_kafka_unacknowledged_events 3",
      "sell_kafka_acks_confirmed_total 5",
      "sell_kafka_queue_remaining_events 40",
      'sell_kafka_failed_objects_total{type="deal"} 1',
      'sell_kafka_drains_total{result="complete"} 0',
      "sell_kafka_last_drained_timestamp_seconds 0",
    ])
      expect(told).toContain(line);

    metrics.drainEnded("denied");
    metrics.drainEnded("complete");
    told = await lines();
    for (const line of [
      "sell_kafka_buffered_events 0",
      "sell_kafka_unacknowledged_events 0",
      "sell_kafka_queue_remaining_events 0",
      'sell_kafka_drains_total{result="complete"} 1',
      'sell_kafka_drains_total{result="denied"} 1',
      `sell_kafka_last_drained_timestamp_seconds ${clock.epochMs() / 1_000}`,
    ])
      expect(told).toContain(line);
  });

  it("take no name that a reader of metrics may not take", async () => {
    const { metrics, lines } = metricsOf();
    const odd = ["", "a\u0000b", "a\nb", "\u001b[31m", "x\ud800", "x\ud801"];
    metrics.settled(
      [...odd, 'say "\\n" {x}', "größe"].map((type) => ({
        item: change({ type }),
        fate: published,
      })),
      1,
    );
    const name = "sell_kafka_events_published_total";
    const told = (await lines()).filter((line) => line.startsWith(name));
    expect(told.sort()).toEqual([
      `${name}{type="größe",op="u"} 1`,
      `${name}{type="other",op="u"} ${odd.length}`,
      `${name}{type="say \\"\\\\n\\" {x}",op="u"} 1`,
    ]);
  });

  it("don't grow without bound when Sell invents types", async () => {
    const { metrics, lines } = metricsOf();
    for (let n = 0; n < 1_000; n++)
      metrics.settled(
        [{ item: change({ type: `t${n}` }), fate: published }],
        1,
      );
    const long = change({ type: "x".repeat(5_000) });
    metrics.settled([{ item: long, fate: published }], 1);
    const series = (await lines()).filter((line) =>
      line.startsWith("sell_kafka_events_published_total"),
    );
    expect(series).toHaveLength(101);
    expect(series).toContain(
      'sell_kafka_events_published_total{type="other",op="u"} 901',
    );
  });
});
