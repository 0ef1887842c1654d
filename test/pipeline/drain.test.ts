// A drain ends with Sell's word alone, and acknowledges nothing before the sink has confirmed it.
import { describe, expect, it } from "vitest";
import { drain, type DrainOptions } from "../../src/pipeline/drain.ts";
import {
  DeniedFault,
  FencedFault,
  SessionLostFault,
  ThrottledFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { DrainTotals } from "../../src/pipeline/drain-totals.ts";
import {
  ackBatchesOf,
  change,
  missingTopic,
  page,
  silentObserver,
} from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import {
  MemoryPublisher,
  ScriptedSource,
  type Answer,
} from "../support/sell/memory-ports.ts";

/** One page with one change for each id. */
const changes = (...ids: number[]) =>
  page(ids.map((id) => change({ id: String(id) })));
const keys = (...ids: number[]) => ids.map((id) => `contact-${id}-1`);

function trial(
  sessions: (Answer[] | Error)[],
  overrides: Partial<DrainOptions> = {},
) {
  const clock = new FakeClock();
  const source = new ScriptedSource(...sessions);
  const publisher = new MemoryPublisher();
  const tally = new DrainTotals();
  const observer = silentObserver(tally);
  const stopping = new AbortController();
  const givingUp = new AbortController();
  const signals = { stopping: stopping.signal, givingUp: givingUp.signal };
  const options: DrainOptions = {
    source,
    publisher,
    acknowledges: true,
    ackBatches: ackBatchesOf(500),
    clock,
    observer,
    parallelFetches: 1,
    pollIntervalMs: 30_000,
    maxBufferedBytes: 1_000_000,
    ...overrides,
  };
  const start = () => drain(options, signals);
  const run = () => clock.runUntil(start());
  return { clock, source, publisher, tally, stopping, givingUp, start, run };
}

describe("a drain", () => {
  it("has nothing to do when Sell has nothing new", async () => {
    const { run, source } = trial([]);
    expect(await run()).toEqual({ end: "complete", problems: [] });
    expect(source.opened).toBe(0);
  });

  it("goes on past an empty page and a count of zero, and ends with Sell's word alone", async () => {
    const { run, publisher, source } = trial([
      [{ ...changes(1), countLeft: 0 }, page([]), changes(2), page([])],
    ]);
    expect((await run()).end).toBe("complete");
    expect(publisher.published).toEqual(keys(1, 2));
    expect(source.acknowledged).toEqual(keys(1, 2));
    expect([source.opened, source.fetches]).toEqual([1, 5]);
  });

  it("asks a session no more once it said that it is drained", async () => {
    const { run, source } = trial([[changes(1), changes(2), null]], {
      parallelFetches: 4,
    });
    await run();
    // Three to the end, and no more than what was under way beside the last.
    expect(source.fetches).toBeLessThanOrEqual(6);
    expect(source.opened).toBe(1);
  });

  it("acknowledges nothing before the publisher has confirmed it", async () => {
    const { start, clock, source, publisher } = trial([[changes(1, 2), null]]);
    publisher.hold();
    const draining = start();
    await clock.advance(600_000);
    expect(source.acknowledged).toEqual([]);
    publisher.letGo();
    await clock.runUntil(draining);
    expect(source.acknowledged).toEqual(keys(1, 2));
  });

  it("takes nothing from a session that is older than what another process has published", async () => {
    const readiness = [new FencedFault("another process has published"), null];
    const publisher = Object.assign(new MemoryPublisher(), {
      ready: () => {
        const fault = readiness.shift() ?? null;
        return fault === null ? Promise.resolve() : Promise.reject(fault);
      },
    });
    const { run, source } = trial(
      [
        [changes(1), null],
        [changes(2), null],
      ],
      { publisher },
    );
    expect(await run()).toEqual({ end: "complete", problems: [] });
    expect(source.opened).toBe(2);
    expect(publisher.published).toEqual(keys(2));
  });

  it("does not acknowledge what is deferred, and says why", async () => {
    const { run, source, publisher } = trial([[changes(1, 2, 3), null]]);
    publisher.fateOf = ({ id }) =>
      id === "2"
        ? { kind: "deferred", why: missingTopic("sell.contact") }
        : { kind: "superseded" };
    expect(await run()).toEqual({
      end: "incomplete",
      problems: [
        {
          code: "deferred",
          message:
            "1 items are deferred: the topic does not exist (sell.contact); create it",
        },
      ],
    });
    expect(source.acknowledged).toEqual(keys(1, 3));
  });

  it("opens another session when an answer with a page in it may be lost", async () => {
    const { run, source, tally } = trial([
      [new UnavailableFault("cut"), changes(1), null],
      [changes(2), null],
    ]);
    expect((await run()).end).toBe("complete");
    expect(source.opened).toBe(2);
    expect(tally).toMatchObject({ sessions: 2, fetched: 2, confirmedKeys: 2 });
  });

  it("is complete when Sell has no other session to give after a lost answer", async () => {
    const { run } = trial([[changes(1), new UnavailableFault("cut"), null]]);
    expect(await run()).toEqual({ end: "complete", problems: [] });
  });

  it("is incomplete when Sell says 204 though it never sent again what was dropped", async () => {
    const { run, publisher } = trial([[changes(1), null]]);
    publisher.fateOf = () => ({
      kind: "deferred",
      why: missingTopic("sell.contact"),
    });
    expect((await run()).end).toBe("incomplete");
  });

  it("needs no other session after being throttled: nothing was taken", async () => {
    const { run, source } = trial([
      [
        new ThrottledFault("429"),
        changes(1),
        new ThrottledFault("429"),
        changes(2),
      ],
    ]);
    expect((await run()).end).toBe("complete");
    expect(source.opened).toBe(1);
    expect(source.acknowledged).toEqual(keys(1, 2));
  });

  it("drops the pages of a session that Sell forgot, and begins a new one", async () => {
    const { start, clock, source, publisher, tally } = trial([
      [changes(1), changes(2), changes(3), new SessionLostFault("404")],
      [changes(2), changes(3)],
    ]);
    publisher.hold();
    const draining = start();
    await clock.advance(0);
    publisher.letGo();
    expect((await clock.runUntil(draining)).end).toBe("complete");
    // What was being published when the session ended is published; what waited is not.
    expect(source.opened).toBe(2);
    expect(tally.fetched).toBe(5);
    expect(tally.deferred).toBeGreaterThan(0);
    expect(publisher.published).toHaveLength(5 - tally.deferred);
    expect(new Set(source.acknowledged)).toEqual(new Set(keys(1, 2, 3)));
  });

  it("follows failed objects with another session, after a pause", async () => {
    const failed = { failedObjects: [{ type: "deal", id: "9" }] };
    const { run, clock, source } = trial([
      [page([change()], failed), null],
      [changes(9), null],
    ]);
    expect((await run()).end).toBe("complete");
    expect(source.opened).toBe(2);
    expect(clock.monotonicMs()).toBeGreaterThan(0);
  });

  it("is incomplete after five sessions in a row without a new key", async () => {
    const failing = () => [
      page([change()], { failedObjects: [{ type: "deal", id: "9" }] }),
      null,
    ];
    const { run, source } = trial(Array.from({ length: 20 }, failing));
    const { end, problems } = await run();
    expect(end).toBe("incomplete");
    expect(problems.map(({ code }) => code)).toContain("objects-failed");
    // The first one confirmed a key; the next five did not.
    expect(source.opened).toBe(6);
  });

  it("reports items that can't be acknowledged", async () => {
    const { run, publisher } = trial([
      [page([change({ ackKey: null })]), null],
    ]);
    const { end, problems } = await run();
    expect(end).toBe("incomplete");
    expect(problems.map(({ code }) => code)).toEqual(["items-without-key"]);
    expect(publisher.published).toEqual([null]);
  });

  it("waits for Sell as long as it takes", async () => {
    const away = Array.from({ length: 50 }, () => new UnavailableFault("503"));
    const { run, source } = trial([...away, [changes(1), null]]);
    expect((await run()).end).toBe("complete");
    expect(source.acknowledged).toEqual(keys(1));
  });

  it.each([
    ["at the start", [new DeniedFault("sell", "401")]],
    ["in the middle", [[changes(1), new DeniedFault("sell", "401")]]],
  ])("ends with the reason when access is denied %s", async (_, sessions) => {
    await expect(trial(sessions).run()).rejects.toThrow("401");
  });

  it("ends with the reason when an acknowledgement is denied", async () => {
    const { run, source } = trial([[changes(1), null]]);
    source.ackFaults.push(new DeniedFault("sell", "revoked"));
    await expect(run()).rejects.toThrow("revoked");
  });

  it("publishes and acknowledges what it holds when it is asked to stop", async () => {
    const { start, clock, source, publisher, stopping } = trial([
      [changes(1), changes(2), new UnavailableFault("cut"), changes(3)],
    ]);
    publisher.hold();
    const draining = start();
    await clock.advance(0);
    stopping.abort(new Error("SIGTERM"));
    publisher.letGo();
    expect((await clock.runUntil(draining)).end).toBe("stopped");
    expect(source.acknowledged).toEqual(keys(1, 2));
    expect(source.fetches).toBe(3);
  });

  it("leaves what it can't settle when it is told to give up", async () => {
    const { start, clock, source, publisher, givingUp } = trial([[changes(1)]]);
    publisher.hold();
    const draining = start();
    await clock.advance(0);
    givingUp.abort(new Error("enough"));
    await expect(draining).rejects.toThrow("enough");
    expect(source.acknowledged).toEqual([]);
  });
});
