import { describe, expect, it } from "vitest";
import { watch } from "../../src/observe/watch.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { observers } from "../../src/pipeline/observer.ts";
import { change } from "../support/builders.ts";
import { FakeClock } from "../support/fake-clock.ts";

const text = JSON.stringify({
  name: "crm",
  sell: { accessToken: "0".repeat(64) },
  kafka: { brokers: ["localhost:9092"] },
});
const answered = {
  endpoint: "start" as const,
  status: 201,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};

describe("the status", () => {
  it("tells a first drain from live changes, and shows no lag of what waited in Sell", async () => {
    const clock = new FakeClock();
    const config = await parseConfig(text, "a test", {});
    const watched = watch({
      config,
      clock,
      version: "1.0.0",
      toKafka: true,
      isOneOfMany: false,
    });
    const observer = observers(...watched.observers);
    const publish = (ageMs: number) => {
      const sourceTimeMs = clock.epochMs() - ageMs;
      const fate = { kind: "published" as const };
      observer.settled([{ item: change({ sourceTimeMs }), fate }], 1);
    };
    const told = () => {
      const { activity, lastCompleteAtMs, timeline } = watched.status();
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
