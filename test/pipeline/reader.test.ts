import { expect, it } from "vitest";
import { SessionLostFault } from "../../src/pipeline/faults.ts";
import { PageBuffer } from "../../src/pipeline/page-buffer.ts";
import type { Page } from "../../src/pipeline/ports.ts";
import { Reader } from "../../src/pipeline/reader.ts";
import { change, page, silentObserver } from "../support/builders.ts";
import { FakeClock } from "../support/fake-clock.ts";

const { signal } = new AbortController();

interface Timed {
  readonly afterMs: number;
  readonly answer: Page | null | Error;
}

/** Reads a session whose answers each take their time. */
function read(...answers: Timed[]) {
  return readUntil(Infinity, answers);
}

async function readUntil(stopAfterMs: number, answers: Timed[]) {
  const clock = new FakeClock();
  const stopping = new AbortController();
  void clock.sleep(Math.min(stopAfterMs, 1e9), signal).then(() => {
    stopping.abort(new Error("SIGTERM"));
  });
  const buffer = new PageBuffer(1_000_000, clock);
  const reader = new Reader({
    session: {
      id: "s",
      pages: null,
      totalCount: null,
      fetch: async (aborted) => {
        const { afterMs, answer } = answers.shift() ?? {
          afterMs: 60_000,
          answer: null,
        };
        await clock.sleep(afterMs, aborted);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    buffer,
    clock,
    observer: silentObserver(),
    parallelFetches: 3,
  });
  const { end } = await clock.runUntil(reader.run(stopping.signal));
  return { end, bytes: buffer.bytes };
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

it("is stopped, not drained, when it is asked to stop while a page may be on its way beside a 204", async () => {
  const answers = [
    { afterMs: 1, answer: full },
    { afterMs: 10, answer: null },
    { afterMs: 20, answer: full },
    { afterMs: 20, answer: null },
  ];
  expect(await readUntil(15, answers)).toMatchObject({ end: "stopped" });
});
