// A reader keeps every page that Sell handed out, and ends with Sell's 204.
import { describe, expect, it } from "vitest";
import {
  SessionLostFault,
  UnavailableFault,
} from "../../../src/domain/faults.ts";
import type { Item } from "../../../src/domain/change.ts";
import type { FailedObject, Page } from "../../../src/domain/ports.ts";
import { Reader } from "../../../src/pipeline/reading/reader.ts";
import { change, page, silentObserver } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();

interface Timed {
  readonly afterMs: number;
  readonly answer: Page | null | Error;
}

/** Reads a session whose answers each take their time. */
function read(...answers: Timed[]) {
  return readUntil(Infinity, answers).then(({ end, bytes }) => ({
    end,
    bytes,
  }));
}

async function readUntil(
  stopAfterMs: number,
  answers: Timed[],
  givingUp = new AbortController(),
) {
  const clock = new FakeClock();
  let requests = 0;
  const stopping = new AbortController();
  void clock.sleep(Math.min(stopAfterMs, 1e9), signal).then(() => {
    stopping.abort(new Error("SIGTERM"));
  });
  const reader = new Reader({
    session: {
      id: "s",
      pages: null,
      totalCount: null,
      fetch: async (aborted) => {
        requests++;
        const { afterMs, answer } = answers.shift() ?? {
          afterMs: 60_000,
          answer: null,
        };
        await clock.sleep(afterMs, aborted);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    clock,
    observer: silentObserver(),
    parallelFetches: 3,
    maxBufferedBytes: 1_000_000,
    lastPagesWithinMs: 1_000,
  });
  const { end, lostBecause } = await clock.runUntil(
    reader.run(stopping.signal, givingUp.signal),
  );
  const endedMs = clock.monotonicMs();
  return { end, bytes: reader.held.bytes, requests, lostBecause, endedMs };
}

const full = page([change()], { countLeft: 10 });

it("keeps the pages of a session that is gone for those who ask beside its 204", async () => {
  expect(
    await read(
      { afterMs: 1, answer: full },
      { afterMs: 10, answer: null },
      { afterMs: 20, answer: new SessionLostFault("404") },
    ),
  ).toEqual({ end: "drained", bytes: full.bytes });
});

it("drops the pages of a session that was lost before it said 204", async () => {
  expect(
    await read(
      { afterMs: 1, answer: full },
      { afterMs: 20, answer: null },
      { afterMs: 10, answer: new SessionLostFault("404") },
    ),
  ).toEqual({ end: "lost", bytes: 0 });
});

describe("asked to stop", () => {
  it("takes the pages that are on their way, and asks for no more", async () => {
    const answers = [
      { afterMs: 1, answer: full },
      { afterMs: 900, answer: full },
      { afterMs: 950, answer: full },
      { afterMs: 500, answer: full },
    ];
    expect(await readUntil(15, answers)).toMatchObject({
      end: "stopped",
      bytes: 4 * full.bytes,
      requests: 4,
      endedMs: 951,
    });
  });

  it("is drained when Sell says so, and nothing is left on its way", async () => {
    const answers = [
      { afterMs: 1, answer: full },
      { afterMs: 10, answer: null },
      { afterMs: 20, answer: full },
      { afterMs: 20, answer: null },
    ];
    expect(await readUntil(15, answers)).toMatchObject({
      end: "drained",
      bytes: 2 * full.bytes,
    });
  });

  it("is stopped, not drained, when a page beside a 204 does not come in time", async () => {
    const answers = [
      { afterMs: 1, answer: full },
      { afterMs: 10, answer: null },
      { afterMs: 60_000, answer: full },
      { afterMs: 20, answer: null },
    ];
    expect(await readUntil(15, answers)).toMatchObject({
      end: "stopped",
      bytes: full.bytes,
      endedMs: 1_015,
    });
  });

  it("waits for nothing once it has to give up", async () => {
    const givingUp = new AbortController();
    givingUp.abort(new Error("the time is over"));
    const answers = [{ afterMs: 60_000, answer: full }];
    const read = await readUntil(0, answers, givingUp);
    expect(read).toMatchObject({ end: "stopped", endedMs: 0 });
  });
});

it("tells each reason for which pages were lost once", async () => {
  const fault = new UnavailableFault("larger than sell.maxPageBytes");
  const { lostBecause } = await readUntil(Infinity, [
    { afterMs: 1, answer: fault },
    { afterMs: 1, answer: fault },
    { afterMs: 1, answer: null },
  ]);
  expect(lostBecause).toEqual([fault.message]);
});

it("holds as many failed objects as are worth telling, however many come", async () => {
  const failedObjects = Array<FailedObject>(200_000).fill({
    type: "deal",
    id: "1",
  });
  const { end } = await read(
    { afterMs: 1, answer: page([change()], { failedObjects }) },
    { afterMs: 1, answer: null },
  );
  expect(end).toBe("drained");
});

describe("its batches", () => {
  function readerOf(...pages: (Page | null)[]) {
    const clock = new FakeClock();
    const reader = new Reader({
      session: {
        id: "s",
        pages: null,
        totalCount: null,
        fetch: () => Promise.resolve(pages.shift() ?? null),
      },
      clock,
      observer: silentObserver(),
      parallelFetches: 1,
      maxBufferedBytes: 1_000_000,
    });
    return { reader, run: () => clock.runUntil(reader.run(signal)) };
  }

  it("take a page of any number of items", async () => {
    const items = new Array(300_000).fill(change()) as Item[];
    const { reader, run } = readerOf(page(items));
    await run();
    const batch = await reader.batches(signal).next();
    expect(batch.value).toHaveLength(items.length);
  });

  it("take what waits at once, and end with the session", async () => {
    const bytes = 10;
    const { reader, run } = readerOf(
      page([change({ id: "1" })], { bytes }),
      page([change({ id: "2" })], { bytes }),
    );
    await run();
    const batches: (string | null)[][] = [];
    for await (const batch of reader.batches(signal))
      batches.push(batch.map(({ id }) => id));
    expect(batches).toEqual([["1", "2"]]);
  });

  it("keep the room of a batch until the next one is asked for", async () => {
    const { reader, run } = readerOf(page([change()], { bytes: 100 }));
    await run();
    const batches = reader.batches(signal);
    await batches.next();
    expect(reader.held).toEqual({ items: 1, bytes: 100 });
    const next = batches.next();
    expect(reader.held).toEqual({ items: 0, bytes: 0 });
    expect((await next).done).toBe(true);
  });
});
