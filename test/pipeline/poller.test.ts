// A poller drains, waits and drains again, whatever fails, until it is asked to stop.
import { describe, expect, it } from "vitest";
import { DeniedFault } from "../../src/domain/faults.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../../src/pipeline/progress-deadline.ts";
import { poll } from "../../src/pipeline/poller.ts";
import { change, page, silentObserver } from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import {
  MemoryPublisher,
  ScriptedSource,
} from "../support/sell/memory-ports.ts";

function trial(source: ScriptedSource) {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const opens: number[] = [];
  const open = source.open.bind(source);
  source.open = (signal) => {
    opens.push(clock.monotonicMs());
    return open(signal);
  };
  const ends: string[] = [];
  const polling = poll(
    {
      source,
      publisher: new MemoryPublisher(),
      acknowledges: false,
      ackBatchSize: 500,
      clock,
      observer: silentObserver(),
      parallelFetches: 1,
      pollIntervalMs: 30_000,
      maxBufferedBytes: 1_000_000,
      drained: (result) => {
        ends.push(result.end);
      },
    },
    { stopping: stopping.signal, givingUp: new AbortController().signal },
  );
  return { clock, stopping, polling, opens, ends };
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
    await clock.advance(70_000);
    expect(opens).toEqual([0, 30_000, 60_000]);
    stopping.abort(new Error("SIGTERM"));
    await polling;
    expect(ends).toEqual(["complete", "complete", "complete"]);
  });

  it("goes on after access was denied, more slowly each time", async () => {
    const denied = new DeniedFault("403");
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
