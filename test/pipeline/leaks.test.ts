// A thousand drains with faults leave no socket, timer or memory behind.
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { drain } from "../../src/pipeline/drain.ts";
import type { Publisher } from "../../src/domain/ports.ts";
import { Settled } from "../../src/domain/settled.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { silentObserver, ackBatchesOf } from "../support/builders.ts";
import { HurriedClock } from "../support/clocks/shifted-clock.ts";
import {
  item,
  pageOf,
  ScriptedSell,
  type Step,
} from "../support/sell/scripted-sell.ts";

const DRAINS = 1_000;
const WARM_UP = 200;
const LARGEST_GROWTH_BYTES = 2 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const publisher: Publisher = {
  publish: (items) =>
    Settled.once(
      Promise.resolve(
        items.map((one) => ({ item: one, fate: { kind: "published" } })),
      ),
    ),
  recover: () => Promise.resolve(null),
  ready: () => Promise.resolve(),
};

/** What the process holds open, and the bytes that are in use once garbage is collected. */
async function held() {
  // What is collected is partly let go only by tasks that come after.
  for (let round = 0; round < 5; round++) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  const names = process.getActiveResourcesInfo();
  const open = (name: string) => names.filter((one) => one === name).length;
  return {
    sockets: open("TCPSocketWrap"),
    timers: open("Timeout"),
    bytes: heapUsed + external,
  };
}

it(
  `leaves no socket, timer or memory behind, in ${DRAINS} drains with faults`,
  { timeout: 180_000 },
  async () => {
    const page = pageOf([1, 2, 3].map((id) => item({ id })));
    const session: Step[] = [
      page,
      { status: 429 },
      { status: 500, body: "<html>" },
      page.slice(0, 50),
      page,
    ];
    // Every fourth drain meets faults; a session that lost an answer is followed by another.
    const sessions = Array.from({ length: (DRAINS * 5) / 4 }, (_, place) =>
      place % 5 === 0 ? session : [page],
    );
    await using sell = await ScriptedSell.start(sessions);
    const clock = new HurriedClock();
    const observer = silentObserver();
    await using source = new SellClient({
      baseUrl: sell.url,
      accessToken: "t",
      deviceUuid: "d",
      requestTimeoutMs: 10_000,
      userAgent: "test",
      limiter: new RateLimiter(1_000_000, clock),
      clock,
      onRequest: () => undefined,
    });
    const stopping = new AbortController().signal;
    const givingUp = new AbortController().signal;
    let before = await held();
    for (let count = 0; count < DRAINS; count++) {
      if (count === WARM_UP) before = await held();
      const options = {
        source,
        publisher,
        acknowledges: true,
        ackBatches: ackBatchesOf(2),
        clock,
        observer,
        parallelFetches: 4,
        pollIntervalMs: 1_000,
        maxBufferedBytes: 1_000_000,
      };
      const { end } = await drain(options, { stopping, givingUp });
      expect(end).toBe("complete");
    }
    const after = await held();
    expect(after.sockets).toBeLessThanOrEqual(before.sockets);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    expect(after.bytes - before.bytes).toBeLessThan(LARGEST_GROWTH_BYTES);
  },
);
