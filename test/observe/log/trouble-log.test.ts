// A trouble is logged when it begins, when it spreads, every five minutes and when it is over.
import { describe, expect, it } from "vitest";
import type { Cause } from "../../../src/domain/cause.ts";
import { DeniedFault, UnavailableFault } from "../../../src/domain/faults.ts";
import { change, missingTopic, report } from "../../support/builders.ts";
import { watched, type Watched } from "../../support/observe/watched.ts";

const MINUTE = 60_000;
const types = Array.from({ length: 26 }, (_, at) => `type_${at}`).sort();
const session = {
  id: "session-1",
  pages: null,
  totalCount: null,
  fetch: () => Promise.resolve(null),
};
const deferredDrain = [{ code: "deferred", message: "they wait" }] as const;

/** A drain that defers two records of each type. */
function drainDeferring(
  { observer }: Pick<Watched, "observer">,
  deferred: readonly string[],
  why: (type: string) => Cause = (type) => missingTopic(`sell.${type}`),
): void {
  observer.drainStarted();
  observer.sessionStarted(session);
  for (const type of deferred)
    observer.settled(
      [1, 2].map((id) => ({
        item: change({ type, id: String(id) }),
        fate: { kind: "deferred", why: why(type) },
      })),
      1,
    );
  observer.sessionEnded(report());
  observer.drainEnded(
    deferred.length > 0 ? "incomplete" : "complete",
    deferred.length > 0 ? deferredDrain : [],
  );
  observer.resting(10_000);
}

describe("26 missing topics", () => {
  it("are one line with all types and a command to paste, and not one for each drain", async () => {
    const connector = await watched();
    const { clock, lines, troubles } = connector;
    const sinceMs = clock.epochMs();
    drainDeferring(connector, types);
    const [began, ...others] = lines();
    expect(others).toEqual([]);
    expect(began).toMatchObject({
      level: "error",
      msg: "trouble began",
      code: "topic-missing",
      server: "kafka",
      host: "localhost:9092",
      records: 52,
      typeCount: 26,
      types,
      sinceMs,
      reason: "the topic does not exist",
      remedy: "Create it.",
    });
    for (const type of types)
      expect(began?.["command"]).toContain(` sell.${type}`);
    expect(troubles.list()[0]).toMatchObject({
      code: "topic-missing",
      records: 52,
      nextTryMs: sinceMs + 10_000,
    });
    for (let drains = 0; drains < 29; drains++) {
      await clock.advance(10_000);
      drainDeferring(connector, types);
    }
    expect(lines()).toEqual([]);
    await clock.advance(10_000);
    drainDeferring(connector, types);
    expect(lines()).toMatchObject([{ msg: "trouble continues", sinceMs }]);
    await clock.advance(10_000);
    drainDeferring(connector, []);
    expect(lines()).toMatchObject([
      {
        level: "info",
        msg: "trouble is over",
        code: "topic-missing",
        sinceMs,
        durationMs: 310_000,
      },
    ]);
    expect(troubles.list().map(({ code }) => code)).toEqual([
      "starting",
      "starting",
    ]);
  });

  it("are told again when another type waits, and when there is another cause", async () => {
    const connector = await watched();
    const { lines } = connector;
    drainDeferring(connector, ["contact"]);
    drainDeferring(connector, ["contact", "deal"]);
    drainDeferring(connector, ["deal"]);
    drainDeferring(connector, ["deal"], (type) => ({
      ...missingTopic(type),
      code: "topic-denied",
    }));
    expect(lines().map(({ msg, code }) => `${msg}: ${String(code)}`)).toEqual([
      "trouble began: topic-missing",
      "trouble spread: topic-missing",
      "trouble is over: topic-missing",
      "trouble began: topic-denied",
    ]);
  });

  it("are told within ten seconds while a long session runs", async () => {
    const { clock, observer, lines } = await watched();
    const fate = { kind: "deferred", why: missingTopic("x") } as const;
    observer.drainStarted();
    observer.sessionStarted(session);
    observer.settled([{ item: change(), fate }], 1);
    expect(lines()).toEqual([]);
    await clock.advance(10_000);
    observer.settled([{ item: change({ type: "deal" }), fate }], 1);
    expect(lines()).toMatchObject([
      { msg: "trouble began", types: ["contact", "deal"] },
    ]);
  });

  it("are told at the end of a sync by itself, not twice", async () => {
    const connector = await watched({}, { isOneDrain: true });
    drainDeferring(connector, types);
    expect(connector.lines()).toEqual([]);
  });
});

it("100 types with 100 causes stay a bounded number of lines, troubles and bytes", async () => {
  const connector = await watched();
  const many = Array.from({ length: 100 }, (_, at) => `type_${at}`);
  drainDeferring(connector, many, (type) => ({
    ...missingTopic(type),
    variant: type,
    reason: `the topic of ${type} ${"x".repeat(10_000)}`,
  }));
  const lines = connector.lines();
  const troubles = connector.troubles.list();
  expect(lines).toHaveLength(21);
  expect(troubles.filter(({ code }) => code === "topic-missing")).toHaveLength(
    21,
  );
  const records = troubles.map((one) => one.records ?? 0);
  expect(records.reduce((sum, count) => sum + count)).toBe(200);
  expect(JSON.stringify(lines).length).toBeLessThan(60_000);
});

describe("a server", () => {
  it.each([
    ["publish", "kafka-away", "kafka", "localhost:9092"],
    ["registry", "registry-away", "registry", "http://localhost:8081"],
    ["fetch", "sell-away", "sell", "https://api.getbase.com"],
  ] as const)(
    "that is away (%s) is told once, with its host, and with its duration when it is back",
    async (what, code, server, host) => {
      const { clock, observer, lines, troubles } = await watched({
        format: { value: "avro" },
        schemaRegistry: { url: "http://localhost:8081" },
      });
      observer.drainStarted();
      const sinceMs = clock.epochMs();
      const fault = new UnavailableFault("nobody answers");
      for (let failures = 1; failures <= 25; failures++) {
        observer.retrying(what, fault, failures, 4_000);
        await clock.advance(4_000);
      }
      const told = lines();
      expect(
        told.filter(({ msg }) => msg === "failed, trying again"),
      ).toHaveLength(2);
      expect(told.filter(({ msg }) => msg.startsWith("trouble"))).toMatchObject(
        [
          {
            level: "warn",
            msg: "trouble began",
            code,
            server,
            host,
            sinceMs,
            reason: "nobody answers",
          },
        ],
      );
      expect(troubles.list()[0]).toMatchObject({
        code,
        sinceMs,
        nextTryMs: clock.epochMs(),
      });
      if (server === "sell")
        observer.requested({
          endpoint: "queue",
          status: 200,
          throttled: false,
          durationMs: 1,
          ratePerSecond: 10,
        });
      else
        observer.settled([{ item: change(), fate: { kind: "published" } }], 1);
      expect(lines()).toMatchObject([
        { msg: "trouble is over", code, server, host, durationMs: 100_000 },
      ]);
    },
  );

  it("that two parts of the connector report is told once, and again after a success", async () => {
    const { observer, lines } = await watched();
    const fault = new UnavailableFault("no answer");
    const failTwice = () => {
      observer.retrying("publish", fault, 1, 100);
      observer.retrying(
        "publish",
        new UnavailableFault("Kafka does not confirm: no answer"),
        1,
        100,
      );
    };
    failTwice();
    expect(lines()).toMatchObject([{ failures: 1, reason: "no answer" }]);
    observer.settled([{ item: change(), fate: { kind: "published" } }], 1);
    failTwice();
    expect(lines()).toHaveLength(1);
  });

  it("that failed once or twice is no trouble, and no recovery", async () => {
    const { observer, lines } = await watched();
    observer.retrying("fetch", new UnavailableFault("cut"), 1, 100);
    observer.drainEnded("complete", []);
    expect(lines().map(({ msg }) => msg)).toEqual(["failed, trying again"]);
  });

  it.each([
    ["kafka", "Kafka refuses access", "localhost:9092"],
    ["sell", "Sell refuses access", "https://api.getbase.com"],
    [
      "token-endpoint",
      "The token endpoint refuses access",
      "https://login.example/token",
    ],
  ] as const)(
    "that refuses access is named: %s",
    async (server, headline, host) => {
      const { clock, observer, lines, codes } = await watched({
        kafka: {
          brokers: ["localhost:9092"],
          ssl: true,
          sasl: {
            mechanism: "oauthbearer",
            tokenEndpoint: "https://login.example/token",
            clientId: "me",
            clientSecret: "no one knows",
          },
        },
      });
      observer.drainStarted();
      observer.drainEnded("denied", [
        { code: "denied", message: "no", server },
      ]);
      observer.resting(30_000);
      const nextTryMs = clock.epochMs() + 30_000;
      expect(lines()).toMatchObject([
        {
          msg: "trouble began",
          code: "denied",
          headline,
          server,
          host,
          nextTryMs,
        },
      ]);
      await clock.advance(6 * MINUTE);
      observer.drainEnded("denied", [
        { code: "denied", message: "no", server },
      ]);
      observer.drainEnded("complete", []);
      expect(lines().map(({ msg }) => msg)).toEqual([
        "trouble continues",
        "trouble is over",
      ]);
      expect(codes()).not.toContain("denied");
    },
  );

  it("that stays away is a warning at first, and an error after five minutes", async () => {
    const { clock, observer, lines } = await watched();
    const fault = new UnavailableFault("nobody answers");
    for (let failures = 1; failures <= 80; failures++) {
      observer.retrying("publish", fault, failures, 4_000);
      await clock.advance(4_000);
    }
    const told = lines().filter(({ msg }) => msg.startsWith("trouble"));
    expect(told.map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
      "warn: trouble began",
      "error: trouble continues",
    ]);
  });

  it("that refuses a login at the start is not called unreachable", async () => {
    const { observer, troubles } = await watched();
    observer.notReached(
      "kafka",
      new DeniedFault("kafka", "the login is refused"),
      30_000,
    );
    expect(troubles.list()[0]).toMatchObject({
      code: "denied",
      server: "kafka",
      headline: "Kafka refuses access",
      reason: "the login is refused",
    });
  });
});

it("what a drain leaves is a trouble for each problem, told until a drain leaves nothing", async () => {
  const { observer, lines, codes } = await watched();
  for (let drains = 0; drains < 3; drains++)
    observer.drainEnded("incomplete", [
      { code: "objects-failed", message: "Sell could not read 3 objects" },
      { code: "acks-refused", message: "Sell refused 2 acknowledgement keys" },
    ]);
  observer.resting(1_000);
  expect(codes().slice(0, 2)).toEqual(["objects-failed", "acks-refused"]);
  expect(lines().map(({ code }) => code)).toEqual([
    "objects-failed",
    "acks-refused",
  ]);
  observer.drainEnded("complete", []);
  expect(lines().map(({ msg }) => msg)).toEqual([
    "trouble is over",
    "trouble is over",
  ]);
});

it("thousands of dead letters of many reasons are a few lines in each session", async () => {
  const { observer, lines } = await watched();
  observer.sessionStarted(session);
  observer.settled(
    Array.from({ length: 5_000 }, (_, at) => ({
      item: change({ id: String(at) }),
      fate: {
        kind: "dead-lettered",
        stage: "encode",
        reason: `bad ${at % 900}`,
      },
    })),
    1,
  );
  expect(lines()).toHaveLength(21);
});
