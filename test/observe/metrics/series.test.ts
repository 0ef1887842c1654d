// The metrics have the names, kinds and labels that are promised, and few series.
import { describe, expect, it } from "vitest";
import { observers } from "../../../src/domain/observer.ts";
import {
  createConnectorTelemetry,
  type ConnectorTelemetry,
} from "../../../src/observe/connector-telemetry.ts";
import { FleetMetrics } from "../../../src/observe/metrics/fleet-metrics.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { change } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";
import { configWith, silentTroubles } from "../../support/observe/watched.ts";
import { readDocument } from "../../support/documents/markdown.ts";

async function createTelemetry(name = "crm", isOneOfMany = false) {
  const config = await configWith({ name });
  const clock = new FakeClock();
  const troubles = silentTroubles(config, clock);
  const telemetry = createConnectorTelemetry({
    config,
    clock,
    troubles,
    version: "1.0.0",
    toKafka: true,
    isOneOfMany,
  });
  const { observers: own, ...rest } = telemetry;
  return { ...rest, observers: [troubles.observer, ...own] };
}

/** Publishes a change of each type with each operation, and asks Sell with each kind of answer. */
function makeBusy({ observers: all }: ConnectorTelemetry): void {
  const observer = observers(...all);
  for (const [endpoint, status] of [
    ["start", 201],
    ["start", 204],
    ["queue", 200],
    ["queue", 204],
    ["ack", 202],
  ] as const)
    observer.requested({
      endpoint,
      status,
      throttled: false,
      durationMs: 100,
      ratePerSecond: 10,
    });
  for (const type of typesWithSchema())
    for (const op of ["c", "u", "d"] as const)
      observer.settled(
        [{ item: change({ type, op }), fate: { kind: "published" } }],
        1,
      );
}

const seriesIn = (text: string) =>
  text.split("\n").filter((line) => line.startsWith("sell_kafka_"));

/** The numbers that a document says in a sentence, as the groups of a pattern. */
function numbersIn(document: string, pattern: RegExp): number[] {
  const [, ...groups] = pattern.exec(readDocument(document)) ?? [];
  return groups.map(Number);
}

describe("the metrics of a connector", () => {
  it("have these names, kinds and labels", async () => {
    const { metrics } = await createTelemetry();
    const all = metrics.registry.getMetricsAsArray() as unknown as {
      name: string;
      type: string;
      labelNames: string[];
    }[];
    const own = all.filter(({ name }) => name.startsWith("sell_kafka_"));
    expect(
      Object.fromEntries(
        own.map(({ name, type, labelNames }) => [
          name.replace("sell_kafka_", ""),
          [type, ...labelNames].join(" "),
        ]),
      ),
    ).toEqual({
      events_published_total: "counter type op",
      events_dead_lettered_total: "counter type stage",
      events_superseded_total: "counter type",
      acks_confirmed_total: "counter",
      sell_requests_total: "counter endpoint status",
      sell_request_duration_seconds: "histogram endpoint",
      publish_duration_seconds: "histogram",
      buffered_events: "gauge",
      buffered_bytes: "gauge",
      unacknowledged_events: "gauge",
      queue_remaining_events: "gauge",
      failed_objects_total: "counter type",
      throttled_requests_total: "counter",
      change_lag_seconds: "histogram",
      last_change_lag_seconds: "gauge type",
      last_drained_timestamp_seconds: "gauge",
      drains_total: "counter result",
      deferred_events: "gauge type code",
      build_info: "gauge version",
      connector_ready: "gauge connector",
    });
  });

  it("say whether it is ready, by its name", async () => {
    const { metrics, observers: all } = await createTelemetry();
    const line = 'sell_kafka_connector_ready{connector="crm"}';
    expect(await metrics.text()).toContain(`${line} 0\n`);
    const observer = observers(...all);
    observer.connected("a device");
    observer.requested({
      endpoint: "start",
      status: 204,
      throttled: false,
      durationMs: 1,
      ratePerSecond: 10,
    });
    expect(await metrics.text()).toContain(`${line} 1\n`);
  });

  it("have as many series as the operations guide says", async () => {
    const telemetry = await createTelemetry();
    const idle = seriesIn(await telemetry.metrics.text()).length;
    makeBusy(telemetry);
    const busy = seriesIn(await telemetry.metrics.text()).length;
    const sentence =
      /An idle connector has (\d+) series of its own.* each of Sell's (\d+) types, with all operations, has (\d+) of its own/;
    expect(numbersIn("docs/operations.md", sentence)).toEqual([
      idle,
      typesWithSchema().length,
      busy,
    ]);
    expect(busy).toBeLessThan(300);
  });

  it("take as many bytes for 200 connectors as the guide to scaling says", async () => {
    const connectors = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        createTelemetry(`connector-${n}`, true),
      ),
    );
    connectors.forEach(makeBusy);
    const fleet = new FleetMetrics(
      () => ({ ready: true, instance: "a", troubles: [], connectors: [] }),
      () => connectors.map(({ metrics }) => metrics.registry),
    );
    const megabytes = (await fleet.text()).length / 1e6;
    const sentence = /`\/metrics` of 200 connectors is about (\d+) MB/;
    expect(numbersIn("docs/scaling.md", sentence)).toEqual([
      Math.round(megabytes),
    ]);
  });
});
