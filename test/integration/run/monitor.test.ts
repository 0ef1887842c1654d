// A connector that serves tells its health, status and metrics, and the remedy for each trouble,
// without record contents or secrets.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { OrderProxy } from "../../support/sell/order-proxy.ts";
import { runningOn } from "../../support/process/running.ts";
import {
  ScriptedSell,
  item,
  pageOf,
} from "../../support/sell/scripted-sell.ts";

const quick = { sell: { pollIntervalMs: 1_000 } };

describe("a connector that serves", () => {
  it("lives, and says that Kafka can't be reached", async () => {
    await using sell = await ScriptedSell.start([]);
    await using running = await runningOn(sell.url, {
      kafka: { brokers: ["127.0.0.1:1"] },
    });
    await expect
      .poll(() => running.readiness())
      .toMatch(/^503 .*Kafka can't be reached/);
    const live = await running.get("livez");
    expect(live.status).toBe(200);
    expect(await running.status()).toMatchObject({
      activity: { code: "kafka-away", headline: "Kafka can't be reached" },
      device: null,
    });
    expect(sell.starts).toBe(0);
    expect((await running.stop()).exitCode).toBe(0);
    await expect(running.get("livez")).rejects.toThrow();
  });

  it("ends with one clear message when its port is taken", async () => {
    await using taken = await OrderProxy.start(
      "http://127.0.0.1:1",
      () => false,
    );
    const port = Number(new URL(taken.url).port);
    await using trial = await trialOf(taken.url, { server: { port } });
    const { exitCode, stderr } = await trial.sync();
    expect(exitCode).toBe(1);
    const reason = `the HTTP server can't listen on 127.0.0.1:${port}: another program does; if that is a sell-kafka of this configuration, stop it first, else set server.port to a free port, or to 0 to have one picked`;
    expect(JSON.parse(stderr)).toMatchObject({
      level: "fatal",
      msg: reason,
      err: {
        message: `${reason}: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      },
    });
    expect(taken.requests).toBe(0);
  });
});

describe.skipIf(servers === null)("a connector that serves, with Kafka", () => {
  it("is ready once Sell is drained, and tells what it did", async () => {
    await using simulator = await Simulator.start({ records: 300, seed: 5 });
    await using running = await runningOn(simulator.url, quick);
    await expect
      .poll(async () => (await running.status()).lastDrain?.end)
      .toBe("complete");
    expect(await running.readiness()).toBe('200 {"ready":true,"reasons":[]}\n');
    const status = await running.status();
    expect(status).toMatchObject({
      ready: true,
      activity: { code: "resting", headline: "Up to date" },
      totals: { published: 300, acknowledged: 300, deadLettered: 0 },
    });
    expect(status.types.reduce((sum, { created }) => sum + created, 0)).toBe(
      300,
    );
    const metrics = await (await running.get("metrics")).text();
    for (const line of [
      "sell_kafka_acks_confirmed_total 300",
      'sell_kafka_sell_requests_total{endpoint="start",status="201"} 1',
      "sell_kafka_queue_remaining_events 0",
      "process_cpu_seconds_total",
    ])
      expect(metrics).toContain(line);
  });

  it("shows no record contents and no secrets", async () => {
    const data = '{"id":1,"name":"Ada Lovelace","email":"ada@example.org"}';
    await using sell = await ScriptedSell.start([
      [pageOf([item({ data }), `{"data":${data}}`])],
    ]);
    await using running = await runningOn(sell.url, quick);
    await expect
      .poll(async () => (await running.status()).totals.deadLettered)
      .toBe(1);
    for (const path of ["status", "metrics", "readyz"]) {
      const text = await (await running.get(path)).text();
      expect(text).not.toMatch(/Ada|ada@|t0ken/);
    }
  });

  it("says that Sell refuses access, and what to do", async () => {
    await using sell = await ScriptedSell.start([]);
    sell.startStatus = 401;
    await using running = await runningOn(sell.url, quick);
    await expect
      .poll(() => running.readiness())
      .toMatch(/^503 .*access token is wrong.*sell\.accessToken/);
    expect(await running.status()).toMatchObject({
      activity: { code: "denied", headline: "Sell refuses access" },
      lastDrain: { end: "denied" },
    });
    sell.startStatus = null;
    const metrics = await (await running.get("metrics")).text();
    expect(metrics).toContain('sell_kafka_drains_total{result="denied"} 1');
  });

  it("says of types that are deferred what to do", async () => {
    await using simulator = await Simulator.start({ records: 60, seed: 5 });
    await using running = await runningOn(simulator.url, {
      ...quick,
      topics: { create: false },
    });
    await expect
      .poll(() => running.readiness())
      .toMatch(/^503 .*do not exist, and topics\.create is false/);
    expect((await running.status()).activity.code).toBe("deferred");
  });

  it("says that Sell throttles, when that lasts", async () => {
    await using simulator = await Simulator.start({ faults: { "429": 1 } });
    await using running = await runningOn(simulator.url, quick);
    await expect
      .poll(() => running.readiness())
      .toMatch(/^503 .*Sell answered 429/);
    expect((await running.status()).activity.headline).toBe(
      "Sell asks for fewer requests",
    );
  });

  it("serves while a sync lasts", async () => {
    await using simulator = await Simulator.start({
      records: 200,
      latencyMs: 20,
    });
    await using trial = await trialOf(simulator.url, { server: { port: 0 } });
    const { exitCode, stderr } = await trial.sync();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/"url":"http:\/\/127\.0\.0\.1:\d+\/"/);
  });
});
