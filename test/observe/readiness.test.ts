import { describe, expect, it } from "vitest";
import { Health } from "../../src/observe/status/health.ts";
import { ThrottledFault, UnavailableFault } from "../../src/domain/faults.ts";
import type { Server } from "../../src/domain/observer.ts";
import { change } from "../support/builders.ts";
import { FakeClock } from "../support/fake-clock.ts";

const answered = {
  endpoint: "start" as const,
  status: 204,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};
const away = new UnavailableFault("nobody answers");

function healthOf(needed: readonly Server[] = ["kafka"]) {
  const clock = new FakeClock();
  const health = new Health({ needed, clock });
  return { clock, health, codes: () => health.troubles().map((t) => t.code) };
}

/** One that has reached everything and drained once. */
function wellHealth(needed?: readonly Server[]) {
  const parts = healthOf(needed);
  parts.health.connected();
  parts.health.requested(answered);
  parts.health.drainEnded("complete", []);
  return parts;
}

describe("a connector", () => {
  it("is not ready before Kafka, Sell and the registry were reached", () => {
    const { health, codes } = healthOf(["kafka", "registry"]);
    expect(health.troubles().map(({ reason }) => reason)).toEqual([
      "Kafka has not been reached yet",
      "the schema registry has not been reached yet",
      "Sell has not been reached yet",
    ]);
    health.connected();
    health.requested({ ...answered, status: 401 });
    health.requested({ ...answered, status: 0 });
    health.reached("registry");
    expect(codes()).toEqual(["starting"]);
    health.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("needs no Kafka when events go to standard output", () => {
    const { health, codes } = healthOf([]);
    health.connected();
    health.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("is not ready while Kafka does not confirm, and is again when it does", () => {
    const { health, codes } = wellHealth();
    health.retrying("publish", away, 1);
    expect(codes()).toEqual([]);
    health.retrying("publish", away, 2);
    expect(codes()).toEqual(["kafka-away"]);
    health.reached("kafka");
    expect(codes()).toEqual(["kafka-away"]);
    health.settled([{ item: change(), fate: { kind: "published" } }]);
    expect(codes()).toEqual([]);
  });

  it("is not ready while the heartbeat finds no Kafka", () => {
    const { health, codes } = wellHealth();
    health.notReached("kafka", away);
    expect(codes()).toEqual(["kafka-away"]);
    health.reached("kafka");
    expect(codes()).toEqual([]);
  });

  it.each([
    [away, "sell-away"],
    [new ThrottledFault("slower"), "throttled"],
  ])(
    "takes a failure of Sell for news only when it lasts (%s)",
    (fault, code) => {
      const { health, codes } = wellHealth();
      health.retrying("fetch", fault, 1);
      health.retrying("fetch", fault, 2);
      expect(codes()).toEqual([]);
      health.retrying("fetch", fault, 3);
      expect(codes()).toEqual([code]);
      health.requested({ ...answered, endpoint: "queue", status: 200 });
      expect(codes()).toEqual([]);
    },
  );

  it("takes a failure for lasting when nothing succeeds for ten seconds", async () => {
    const { clock, health, codes } = wellHealth();
    health.retrying("start", away, 1);
    await clock.advance(10_000);
    health.retrying("start", away, 2);
    expect(codes()).toEqual(["sell-away"]);
  });

  it("is not ready from the first deferred record to a session without", () => {
    const { health, codes } = wellHealth();
    const fate = { kind: "deferred", reason: "topic x is missing" } as const;
    health.sessionStarted();
    health.settled([
      { item: change(), fate },
      { item: change(), fate },
    ]);
    expect(codes()).toEqual(["deferred"]);
    health.drainEnded("incomplete", ["2 items are deferred"]);
    expect(codes()).toEqual(["deferred", "incomplete"]);
    health.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("tells a refused access first, with what was said", () => {
    const { health, codes } = wellHealth();
    health.notReached("kafka", away);
    health.drainEnded("denied", ["401: put a valid token"]);
    expect(codes()).toEqual(["denied", "kafka-away"]);
    expect(health.troubles()[0]?.reason).toContain("valid token");
  });

  it("forgets failures of a drain that has ended", () => {
    const { health, codes } = wellHealth();
    health.retrying("acknowledge", away, 9);
    health.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("is not ready once it was asked to stop", () => {
    const { health, codes } = wellHealth();
    health.stopping();
    expect(codes()).toEqual(["stopping"]);
  });
});
