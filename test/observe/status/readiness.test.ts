// A connector is ready exactly while Sell, Kafka and the registry work; a passing failure is no news.
import { describe, expect, it } from "vitest";
import { Readiness } from "../../../src/observe/status/readiness.ts";
import {
  ThrottledFault,
  UnavailableFault,
} from "../../../src/domain/faults.ts";
import type { Server } from "../../../src/domain/observer.ts";
import { change, missingTopic } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const answered = {
  endpoint: "start" as const,
  status: 204,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};
const away = new UnavailableFault("nobody answers");

function createReadiness(needed: readonly Server[] = ["kafka"]) {
  const clock = new FakeClock();
  const readiness = new Readiness({ needed, clock });
  return {
    clock,
    readiness,
    codes: () => readiness.troubles().map((t) => t.code),
  };
}

/** A connector that has reached every server and has drained once. */
function createReady(needed?: readonly Server[]) {
  const parts = createReadiness(needed);
  parts.readiness.connected();
  parts.readiness.requested(answered);
  parts.readiness.drainEnded("complete", []);
  return parts;
}

describe("a connector", () => {
  it("is not ready before Kafka, Sell and the registry were reached", () => {
    const { readiness, codes } = createReadiness(["kafka", "registry"]);
    expect(readiness.troubles().map(({ reason }) => reason)).toEqual([
      "Kafka has not been reached yet",
      "the schema registry has not been reached yet",
      "Sell has not been reached yet",
    ]);
    readiness.connected();
    readiness.requested({ ...answered, status: 401 });
    readiness.requested({ ...answered, status: 0 });
    readiness.reached("registry");
    expect(codes()).toEqual(["starting"]);
    readiness.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("needs no Kafka when events go to standard output", () => {
    const { readiness, codes } = createReadiness([]);
    readiness.connected();
    readiness.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("is not ready while Kafka does not confirm, and is again when it does", () => {
    const { readiness, codes } = createReady();
    readiness.retrying("publish", away, 1);
    expect(codes()).toEqual([]);
    readiness.retrying("publish", away, 2);
    expect(codes()).toEqual(["kafka-away"]);
    readiness.reached("kafka");
    expect(codes()).toEqual(["kafka-away"]);
    readiness.settled([{ item: change(), fate: { kind: "published" } }]);
    expect(codes()).toEqual([]);
  });

  it("is not ready while the heartbeat finds no Kafka", () => {
    const { readiness, codes } = createReady();
    readiness.notReached("kafka", away);
    expect(codes()).toEqual(["kafka-away"]);
    readiness.reached("kafka");
    expect(codes()).toEqual([]);
  });

  it.each([
    [away, "sell-away"],
    [new ThrottledFault("slower"), "throttled"],
  ])(
    "takes a failure of Sell for news only when it lasts (%s)",
    (fault, code) => {
      const { readiness, codes } = createReady();
      readiness.retrying("fetch", fault, 1);
      readiness.retrying("fetch", fault, 2);
      expect(codes()).toEqual([]);
      readiness.retrying("fetch", fault, 3);
      expect(codes()).toEqual([code]);
      readiness.requested({ ...answered, endpoint: "queue", status: 200 });
      expect(codes()).toEqual([]);
    },
  );

  it("takes a failure for lasting when nothing succeeds for ten seconds", async () => {
    const { clock, readiness, codes } = createReady();
    readiness.retrying("start", away, 1);
    await clock.advance(10_000);
    readiness.retrying("start", away, 2);
    expect(codes()).toEqual(["sell-away"]);
  });

  it("is not ready from the first deferred record to a session without", () => {
    const { readiness, codes } = createReady();
    const fate = { kind: "deferred", why: missingTopic("x") } as const;
    readiness.sessionStarted();
    readiness.settled([
      { item: change(), fate },
      { item: change(), fate },
    ]);
    expect(codes()).toEqual(["deferred"]);
    readiness.drainEnded("incomplete", ["2 items are deferred"]);
    expect(codes()).toEqual(["deferred", "incomplete"]);
    readiness.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("tells a refused access first, with what was said", () => {
    const { readiness, codes } = createReady();
    readiness.notReached("kafka", away);
    readiness.drainEnded("denied", ["401: put a valid token"]);
    expect(codes()).toEqual(["denied", "kafka-away"]);
    expect(readiness.troubles()[0]?.reason).toContain("valid token");
  });

  it("forgets failures of a drain that has ended", () => {
    const { readiness, codes } = createReady();
    readiness.retrying("acknowledge", away, 9);
    readiness.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("is not ready once it was asked to stop", () => {
    const { readiness, codes } = createReady();
    readiness.stopping();
    expect(codes()).toEqual(["stopping"]);
  });
});
