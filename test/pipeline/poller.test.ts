// A poller drains, waits and drains again, whatever fails, until it is asked to stop.
import { describe, expect, it } from "vitest";
import { DeniedFault, ThrottledFault } from "../../src/domain/faults.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../../src/pipeline/progress-deadline.ts";
import { poll } from "../../src/pipeline/poller.ts";
import {
  change,
  page,
  silentObserver,
  ackBatchesOf,
  missingTopic,
} from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import {
  MemoryPublisher,
  ScriptedSource,
} from "../support/sell/memory-ports.ts";

function trial(source: ScriptedSource, acknowledges = false) {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const opens: number[] = [];
  const open = source.open.bind(source);
  source.open = (signal) => {
    opens.push(clock.monotonicMs());
    return open(signal);
  };
  const ends: string[] = [];
  const publisher = new MemoryPublisher();
  const polling = poll(
    {
      source,
      publisher,
      acknowledges,
      ackBatches: ackBatchesOf(500),
      clock,
      observer: silentObserver(),
      parallelFetches: 1,
      pollIntervalMs: 10_000,
      minPollIntervalMs: 1_000,
      pollTurn: () => Promise.resolve(),
      maxBufferedBytes: 1_000_000,
      drained: (result) => {
        ends.push(result.end);
      },
    },
    { stopping: stopping.signal, givingUp: new AbortController().signal },
  );
  return { clock, stopping, polling, opens, ends, publisher };
}

describe("polling", () => {
  const unexpected = new TypeError("x is not a function");
  it.each([
    ["a start", [unexpected, [page([change()]), null]]],
    ["a fetch", [[unexpected], [page([change()]), null]]],
  ] as const)(
    "goes on after an error of %s that nobody expects",
    async (_, script) => {
      const source = new ScriptedSource(
        ...script.map((one) => (one instanceof Error ? one : [...one])),
      );
      const { clock, stopping, polling, ends } = trial(source);
      await clock.advance(40_000);
      stopping.abort(new Error("SIGTERM"));
      await polling;
      expect(ends.slice(0, 2)).toEqual(["failed", "complete"]);
    },
  );

  it("drains, waits, and drains again until it is asked to stop", async () => {
    const { clock, stopping, polling, opens, ends } = trial(
      new ScriptedSource([page([change()]), null]),
    );
    await clock.advance(10_000);
    expect(opens).toEqual([0, 2_000, 6_000]);
    stopping.abort(new Error("SIGTERM"));
    await polling;
    expect(ends).toEqual(["complete", "complete", "complete"]);
  });

  it("asks each second until 10 seconds after the last new key, then less often up to the poll interval", async () => {
    const { clock, opens } = trial(
      new ScriptedSource([page([change()]), null]),
      true,
    );
    await clock.advance(50_000);
    const seconds = opens.map((atMs) => atMs / 1_000);
    expect(seconds).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      ...[13, 17, 25, 35, 45],
    ]);
  });

  it.each([
    ["have no key", change({ ackKey: null })],
    ["were acknowledged before", change()],
  ])("does not ask more often for items that %s", async (_, item) => {
    const sessions = Array.from({ length: 30 }, () => [page([item]), null]);
    const { clock, opens } = trial(new ScriptedSource(...sessions), true);
    await clock.advance(60_000);
    const waits = opens.map((atMs, place) => atMs - (opens[place - 1] ?? 0));
    expect(waits.slice(-2)).toEqual([10_000, 10_000]);
  });

  it("does not ask more often for items that are deferred", async () => {
    const sessions = Array.from({ length: 30 }, () => [page([change()]), null]);
    const { clock, opens, publisher } = trial(
      new ScriptedSource(...sessions),
      true,
    );
    publisher.fateOf = () => ({
      kind: "deferred",
      why: missingTopic("sell.deal"),
    });
    await clock.advance(60_000);
    expect(opens.slice(0, 4)).toEqual([0, 2_000, 6_000, 14_000]);
  });

  it("keeps asking for changes while another type's are deferred", async () => {
    const sessions = Array.from({ length: 60 }, (_, revision) => [
      page([change({ type: "deal" }), change({ revision })]),
      null,
    ]);
    const { clock, opens, ends, publisher } = trial(
      new ScriptedSource(...sessions),
      true,
    );
    publisher.fateOf = ({ type }) =>
      type === "deal"
        ? { kind: "deferred", why: missingTopic("sell.deal") }
        : { kind: "published" };
    await clock.advance(30_000);
    expect(opens).toHaveLength(31);
    expect(new Set(ends)).toEqual(new Set(["incomplete"]));
  });

  it("waits longer after a drain that Sell throttled, also while changes come", async () => {
    const throttled = new ThrottledFault("429");
    const sessions = Array.from({ length: 60 }, (_, revision) =>
      revision % 5 === 4 ? throttled : [page([change({ revision })]), null],
    );
    const { clock, opens } = trial(new ScriptedSource(...sessions), true);
    await clock.advance(20_000);
    const waits = opens.slice(1).map((at, place) => at - (opens[place] ?? 0));
    expect(waits.filter((ms) => ms === 2_000).length).toBeGreaterThan(1);
  });

  it("goes on after access was denied, more slowly each time", async () => {
    const denied = new DeniedFault("sell", "403");
    const { clock, stopping, polling, opens, ends } = trial(
      new ScriptedSource(denied, denied, denied),
    );
    await clock.advance(3_600_000);
    expect(ends.slice(0, 4)).toEqual([
      "denied",
      "denied",
      "denied",
      "complete",
    ]);
    const waits = opens
      .slice(1, 4)
      .map((at, place) => at - (opens[place] ?? 0));
    expect(waits).toEqual([15_000, 30_000, 60_000]);
    stopping.abort(new Error("SIGTERM"));
    await polling;
  });
});

describe("the progress deadline", () => {
  it("ends when nothing moved for the time given, and says what the trouble was", async () => {
    const clock = new FakeClock();
    const deadline = new ProgressDeadline(1_000, clock);
    const watching = deadline.watch(new AbortController().signal);
    await clock.advance(900);
    deadline.acknowledged();
    deadline.pageFetched(page([]));
    deadline.retrying("publish", new Error("no broker"));
    await clock.advance(999);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    await watching;
    expect(deadline.signal.reason).toBeInstanceOf(ProgressDeadlineExceeded);
    expect(String(deadline.signal.reason)).toContain("no broker");
  });
});
