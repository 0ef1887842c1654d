// A connector is ready exactly while Sell, Kafka and the registry work; a passing failure is no news.
import { describe, expect, it } from "vitest";
import {
  ThrottledFault,
  UnavailableFault,
} from "../../../src/domain/faults.ts";
import { change, missingTopic, report } from "../../support/builders.ts";
import { watched, type Watched } from "../../support/observe/watched.ts";

const answered = {
  endpoint: "start" as const,
  status: 204,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};
const session = {
  id: "session-1",
  pages: null,
  totalCount: null,
  fetch: () => Promise.resolve(null),
};
const away = new UnavailableFault("nobody answers");

const withRegistry = {
  format: { value: "avro" },
  schemaRegistry: { url: "http://localhost:8081" },
};

/** A connector that has reached every server and has drained once. */
async function readyOne(): Promise<Watched> {
  const parts = await watched();
  parts.observer.connected("a device");
  parts.observer.requested(answered);
  parts.observer.drainEnded("complete", []);
  return parts;
}

describe("a connector", () => {
  it("is not ready before Kafka, Sell and the registry were reached", async () => {
    const { observer, troubles, codes } = await watched(withRegistry);
    expect(troubles.list().map(({ reason }) => reason)).toEqual([
      "Kafka has not been reached yet",
      "the schema registry has not been reached yet",
      "Sell has not been reached yet",
    ]);
    observer.connected("a device");
    observer.requested({ ...answered, status: 401 });
    observer.requested({ ...answered, status: 0 });
    observer.reached("registry");
    expect(codes()).toEqual(["starting"]);
    observer.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("is not ready while a registered schema stays in use, and is ready without definitions", async () => {
    const { observer, troubles, codes } = await readyOne();
    observer.customFieldsAsked("the token has no read scope");
    observer.requested({ ...answered, endpoint: "custom_fields", status: 403 });
    expect(codes()).toEqual([]);
    const why = {
      code: "schema-incompatible",
      reason: "the registry says no",
      remedy: "ask it why",
    } as const;
    observer.schemaKept("a-value", { ...why, subject: "a-value" });
    observer.schemaKept("b-value", { ...why, subject: "b-value" });
    expect(codes()).toEqual(["schema-kept"]);
    expect(troubles.list()[0]?.reason).toBe(
      "the registry says no (a-value); ask it why",
    );
    observer.schemaKept("a-value", null);
    observer.schemaKept("b-value", null);
    expect(codes()).toEqual([]);
  });

  it("needs no Kafka when events go to standard output", async () => {
    const { observer, codes } = await watched({}, { toKafka: false });
    observer.connected("a device");
    observer.requested(answered);
    expect(codes()).toEqual([]);
  });

  it("is not ready while Kafka does not confirm, and is again when it does", async () => {
    const { observer, codes } = await readyOne();
    observer.retrying("publish", away, 1, 1_000);
    expect(codes()).toEqual([]);
    observer.retrying("publish", away, 2, 1_000);
    expect(codes()).toEqual(["kafka-away"]);
    observer.reached("kafka");
    expect(codes()).toEqual(["kafka-away"]);
    observer.settled([{ item: change(), fate: { kind: "published" } }], 1);
    expect(codes()).toEqual([]);
  });

  it("is not ready while the heartbeat finds no Kafka", async () => {
    const { observer, codes } = await readyOne();
    observer.notReached("kafka", away, 10_000);
    expect(codes()).toEqual(["kafka-away"]);
    observer.reached("kafka");
    expect(codes()).toEqual([]);
  });

  it.each([
    [away, "sell-away"],
    [new ThrottledFault("slower"), "throttled"],
  ])(
    "takes a failure of Sell for news only when it lasts (%s)",
    async (fault, code) => {
      const { observer, codes } = await readyOne();
      observer.retrying("fetch", fault, 1, 1_000);
      observer.retrying("fetch", fault, 2, 1_000);
      expect(codes()).toEqual([]);
      observer.retrying("fetch", fault, 3, 1_000);
      expect(codes()).toEqual([code]);
      observer.requested({ ...answered, endpoint: "queue", status: 200 });
      expect(codes()).toEqual([]);
    },
  );

  it("takes a failure for lasting when nothing succeeds for ten seconds", async () => {
    const { clock, observer, codes } = await readyOne();
    observer.retrying("start", away, 1, 1_000);
    await clock.advance(10_000);
    observer.retrying("start", away, 2, 1_000);
    expect(codes()).toEqual(["sell-away"]);
  });

  it("is not ready from the first deferred record to a session without", async () => {
    const { observer, codes } = await readyOne();
    const fate = { kind: "deferred", why: missingTopic("x") } as const;
    observer.sessionStarted(session);
    observer.settled(
      [
        { item: change(), fate },
        { item: change(), fate },
      ],
      1,
    );
    expect(codes()).toEqual(["topic-missing"]);
    observer.sessionEnded(report());
    observer.drainEnded("incomplete", [
      { code: "deferred", message: "2 items are deferred" },
      { code: "objects-failed", message: "Sell could not read 1 objects" },
    ]);
    expect(codes()).toEqual(["topic-missing", "objects-failed"]);
    observer.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("tells a refused access first, with what was said", async () => {
    const { observer, troubles, codes } = await readyOne();
    observer.notReached("kafka", away, 10_000);
    observer.drainEnded("denied", [
      { code: "denied", message: "401: put a valid token", server: "sell" },
    ]);
    expect(codes()).toEqual(["denied", "kafka-away"]);
    expect(troubles.list()[0]?.reason).toContain("valid token");
  });

  it("forgets failures of a drain that has ended", async () => {
    const { observer, codes } = await readyOne();
    observer.retrying("acknowledge", away, 9, 1_000);
    observer.drainEnded("complete", []);
    expect(codes()).toEqual([]);
  });

  it("is not ready once it was asked to stop", async () => {
    const { troubles, codes } = await readyOne();
    troubles.readiness.stopping();
    expect(codes()).toEqual(["stopping"]);
  });
});
