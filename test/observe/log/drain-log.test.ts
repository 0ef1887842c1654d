// A drain that moved something is one line; an idle connector says once an hour that it is up to date.
import { expect, it } from "vitest";
import { change, page, report } from "../../support/builders.ts";
import { watched, type Watched } from "../../support/observe/watched.ts";

const session = {
  id: "session-1",
  pages: null,
  totalCount: null,
  fetch: () => Promise.resolve(null),
};

async function drain(
  { clock, observer }: Watched,
  changes: number,
  ageMs = 3_000,
): Promise<void> {
  const sourceTimeMs = clock.epochMs() - ageMs;
  const items = Array.from({ length: changes }, () => change({ sourceTimeMs }));
  observer.drainStarted();
  if (changes > 0) {
    observer.sessionStarted(session);
    observer.pageFetched(page(items));
    observer.settled(
      items.map((item) => ({ item, fate: { kind: "published" } })),
      1,
    );
    observer.acknowledged(changes);
    observer.sessionEnded(report());
  }
  await clock.advance(200);
  observer.drainEnded("complete", []);
}

it("a drain is one line with what it moved, and an empty one none", async () => {
  const connector = await watched();
  await drain(connector, 5, 86_400_000);
  await connector.clock.advance(5_000);
  await drain(connector, 0);
  await drain(connector, 2);
  const [first, second, ...others] = connector.lines();
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    level: "info",
    msg: "drained",
    end: "complete",
    published: 5,
    acknowledged: 5,
    deadLettered: 0,
    deferred: 0,
    durationMs: 200,
    // What waited in Sell before the first complete drain says nothing about the lag.
    lagMs: null,
  });
  expect(second).toMatchObject({ published: 2, acknowledged: 2 });
  expect(second?.["lagMs"]).toBeGreaterThan(2_600);
  expect(second?.["lagMs"]).toBeLessThan(3_400);
});

it("an idle connector says once an hour that it is up to date, and since when", async () => {
  const connector = await watched();
  const { clock, lines } = connector;
  const since = new Date(clock.epochMs()).toISOString();
  await drain(connector, 7);
  lines();
  for (let minutes = 0; minutes < 130; minutes++) {
    await clock.advance(59_800);
    await drain(connector, 0);
  }
  const told = lines();
  expect(told).toHaveLength(2);
  expect(told[0]).toMatchObject({ level: "info", changes: 7, since });
  expect(told[0]?.msg).toBe(`up to date, 7 changes since ${since}`);
  expect(told[1]).toMatchObject({ changes: 0 });
});

it("live drains are one line in five seconds, with the sums, and none is left out", async () => {
  const connector = await watched();
  for (let count = 0; count < 60; count++) {
    await drain(connector, 2);
    await connector.clock.advance(800);
  }
  await connector.clock.advance(5_000);
  await drain(connector, 0);
  const lines = connector.lines();
  expect(lines.every(({ msg }) => msg === "drained")).toBe(true);
  expect(lines.length).toBeLessThanOrEqual(13);
  const sum = (name: string) =>
    lines.reduce((total, line) => total + Number(line[name]), 0);
  expect([sum("drains"), sum("published"), sum("durationMs")]).toEqual([
    60, 120, 12_000,
  ]);
});

it("a drain that failed is told at once, with the reason", async () => {
  const connector = await watched();
  const { observer, lines } = connector;
  await drain(connector, 1);
  await drain(connector, 1);
  observer.drainStarted();
  observer.pageFetched(page([change()]));
  observer.drainEnded("failed", [
    { code: "failed", message: "not published within 5 ms" },
  ]);
  expect(lines()).toMatchObject([
    { msg: "drained", drains: 1 },
    {
      msg: "drain failed",
      end: "failed",
      drains: 2,
      fetched: 2,
      reason: "not published within 5 ms",
    },
  ]);
});
