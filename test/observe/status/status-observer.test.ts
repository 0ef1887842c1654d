// The status keeps its figures when the wall clock is set, and its size whatever Sell invents.
import { describe, expect, it } from "vitest";
import { createConnectorTelemetry } from "../../../src/observe/connector-telemetry.ts";
import { UnavailableFault } from "../../../src/domain/faults.ts";
import { observers } from "../../../src/domain/observer.ts";
import type { Fate } from "../../../src/domain/settled.ts";
import { missing } from "../../../src/publish/topics/topic-faults.ts";
import { change, missingTopic } from "../../support/builders.ts";
import { watched } from "../../support/observe/watched.ts";

const answered = {
  endpoint: "start" as const,
  status: 201,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};

async function createTelemetry() {
  const { clock, config, troubles } = await watched();
  const telemetry = createConnectorTelemetry({
    config,
    clock,
    version: "1.0.0",
    toKafka: true,
    troubles,
    isOneOfMany: false,
  });
  const observer = observers(troubles.observer, ...telemetry.observers);
  return { clock, telemetry, observer };
}

describe("the status", () => {
  it("tells why definitions of custom fields are unknown, until they are known", async () => {
    const { telemetry, observer } = await createTelemetry();
    expect(telemetry.status().customFieldsUnknown).toBeNull();
    observer.customFieldsAsked("no read scope");
    expect(telemetry.status()).toMatchObject({
      customFieldsUnknown: "no read scope",
      layout: "nested",
    });
    observer.customFieldsAsked(null);
    expect(telemetry.status().customFieldsUnknown).toBeNull();
  });

  it("tells dead letters of one cause together", async () => {
    const { telemetry, observer } = await createTelemetry();
    const fail = (type: string, reason: string) => {
      const fate = { kind: "dead-lettered", stage: "publish", reason } as const;
      observer.settled([{ item: change({ type }), fate }], 1);
    };
    for (let n = 0; n < 100; n++) fail("deal", "too large");
    fail("lead", "too large");
    fail("deal", "too large");
    expect(telemetry.status().deadLetters).toMatchObject([
      { count: 101, type: "deal", reason: "too large" },
      { count: 1, type: "lead" },
    ]);
  });

  it("says that no records reach Kafka while every type waits, about all topics", async () => {
    const { telemetry, observer } = await createTelemetry();
    const settle = (type: string, fate: Fate) => {
      observer.settled([{ item: change({ type }), fate }], 1);
    };
    const shown = () => {
      const { activity, troubles } = telemetry.status();
      const [trouble] = troubles;
      return [activity.headline, trouble?.reason, trouble?.remedy];
    };
    observer.connected("a device");
    observer.requested(answered);
    settle("deal", { kind: "deferred", why: missing("sell.deal").why });
    expect(shown()).toEqual([
      "No records reach Kafka",
      "the topic does not exist, and topics.create is false",
      expect.stringMatching(/^Create it .* Write on it, or /) as string,
    ]);
    settle("lead", { kind: "deferred", why: missing("sell.lead").why });
    expect(shown()).toEqual([
      "No records reach Kafka",
      "the topics do not exist, and topics.create is false",
      expect.stringMatching(/^Create them .* Write on them, or /) as string,
    ]);
    settle("contact", { kind: "published" });
    expect(shown()[0]).toBe("Some records have to wait");
  });

  it.each([86_400_000, -86_400_000])(
    "keeps its ages, rates and timeline when the wall clock is set (%i ms)",
    async (leapMs) => {
      const { clock, telemetry, observer } = await createTelemetry();
      const publish = () => {
        observer.settled([{ item: change(), fate: { kind: "published" } }], 1);
      };
      observer.connected("a device");
      observer.drainStarted();
      await clock.advance(60_000);
      observer.requested({ ...answered, throttled: true });
      publish();
      const ages = () => {
        const { atMs, startedAtMs, drain, timeline, activity } =
          telemetry.status();
        return {
          up: atMs - startedAtMs,
          drain: atMs - (drain?.startedAtMs ?? 0),
          perSecond: drain?.perSecond,
          published: timeline.published,
          end: timeline.endsAtMs - atMs,
          code: activity.code,
        };
      };
      const before = ages();
      expect(before).toMatchObject({ up: 60_000, code: "throttled" });
      clock.leapWallClock(leapMs);
      expect(ages()).toEqual(before);
      expect(telemetry.status().atMs).toBe(clock.epochMs());

      await clock.advance(20_000);
      publish();
      const { timeline } = telemetry.status();
      expect(timeline.published).toEqual([...before.published, 0, 1]);
    },
  );

  it("shows a lag that grows while nothing reaches Kafka, and marks that time", async () => {
    const { clock, telemetry, observer } = await createTelemetry();
    observer.connected("a device");
    observer.requested(answered);
    observer.drainEnded("complete", []);
    await clock.advance(60_000);
    expect(telemetry.status().lagSeconds).toBeNull();
    const away = new UnavailableFault("nobody answers");
    observer.retrying("publish", away, 1, 1_000);
    observer.retrying("publish", away, 2, 1_000);
    const lags: (number | null)[] = [];
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      lags.push(telemetry.status().lagSeconds);
    }
    expect(lags).toEqual([120, 180, 240]);
    const sourceTimeMs = clock.epochMs() - 240_000;
    const item = change({ sourceTimeMs });
    observer.settled([{ item, fate: { kind: "published" } }], 1);
    await clock.advance(20_000);
    const { lagSeconds, timeline } = telemetry.status();
    expect(lagSeconds).toBeGreaterThan(200);
    expect(lagSeconds).toBeLessThan(280);
    const outage = timeline.outage.map((isOut) => (isOut ? "x" : ".")).join("");
    expect(outage).toMatch(/^\.{6}x{18}x?\.+$/);
  });

  it("stays small when Sell invents types, names and reasons", async () => {
    const { telemetry, observer } = await createTelemetry();
    observer.connected("a device");
    observer.drainStarted();
    for (let n = 0; n < 100_000; n += 1_000)
      observer.settled(
        Array.from({ length: 1_000 }, (_, at) => {
          const type = `type ${n + at} ${"x".repeat((n + at) % 300)}`;
          const reason = `the topic sell.${type} does not exist`;
          return {
            item: change({ type }),
            fate:
              at % 2 === 0
                ? { kind: "deferred" as const, why: missingTopic(type) }
                : { kind: "dead-lettered" as const, stage: "route", reason },
          };
        }),
        1,
      );
    const status = telemetry.status();
    expect(status.types.length).toBeLessThanOrEqual(101);
    expect(status.deadLetters).toHaveLength(10);
    expect(status.troubles.length).toBeLessThan(30);
    expect(JSON.stringify(status).length).toBeLessThan(100_000);
    expect((await telemetry.metrics.text()).length).toBeLessThan(100_000);
  });

  it("tells a first drain from live changes, and shows no lag of what waited in Sell", async () => {
    const { clock, telemetry, observer } = await createTelemetry();
    const publish = (ageMs: number) => {
      const sourceTimeMs = clock.epochMs() - ageMs;
      const fate = { kind: "published" as const };
      observer.settled([{ item: change({ sourceTimeMs }), fate }], 1);
    };
    const told = () => {
      const { activity, lastCompleteAtMs, timeline } = telemetry.status();
      const lag = timeline.lagSeconds.findLast((one) => one !== null);
      return { code: activity.code, lastCompleteAtMs, lag };
    };
    observer.connected("a device");
    observer.drainStarted();
    observer.requested(answered);
    publish(3 * 365 * 86_400_000);
    const none = { lastCompleteAtMs: null, lag: undefined };
    expect(told()).toEqual({ code: "catching-up", ...none });
    observer.drainEnded("complete", []);
    const lastCompleteAtMs = clock.epochMs();
    expect(told()).toEqual({
      code: "resting",
      lastCompleteAtMs,
      lag: undefined,
    });

    observer.drainStarted();
    publish(2_000);
    const { lag, ...rest } = told();
    expect(rest).toEqual({ code: "working", lastCompleteAtMs });
    expect(lag).toBeGreaterThan(1);
    expect(lag).toBeLessThan(4);
  });
});
