import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Berth, type Stay } from "../../src/supervisor/connector-runner.ts";
import { forGood } from "../../src/cluster/lease.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A berth whose connectors stop when a test says so. */
function berthOf() {
  const clock = new FakeClock();
  const log: string[] = [];
  let running = 0;
  let stop = Promise.withResolvers<undefined>();
  const berth = new Berth({
    clock,
    failed: ({ print }, error) => log.push(`${print}: ${String(error)}`),
    run: async ({ print }, stopping) => {
      expect(++running).toBe(1);
      log.push(`start ${print}`);
      stop = Promise.withResolvers();
      const tell = () => log.push(`stop ${print}`);
      stopping.addEventListener("abort", tell);
      try {
        await stop.promise;
      } finally {
        stopping.removeEventListener("abort", tell);
        running--;
      }
    },
  });
  const stay = (print: string, lease = forGood) =>
    ({ print, lease, config: {} }) as Stay;
  return {
    berth,
    clock,
    log,
    stay,
    ends: async () => {
      stop.resolve(undefined);
      await turn();
    },
    fails: async () => {
      stop.reject(new Error("no"));
      await turn();
    },
  };
}

describe("the place of a connector", () => {
  it("runs one configuration after the other, never two at once", async () => {
    const { berth, log, stay, ends } = berthOf();
    berth.want(stay("1"));
    await turn();
    berth.want(stay("1"));
    berth.want(stay("2"));
    berth.want(stay("3"));
    expect(berth.state).toBe("stopping");
    await ends();
    expect(log).toEqual(["start 1", "stop 1", "start 3"]);
    expect(berth.state).toBe("running");
    const stopped = berth.stopped();
    await ends();
    await stopped;
    expect(berth.isEmpty).toBe(true);
  });

  it("starts again what failed, after a while or with another configuration", async () => {
    const { berth, clock, log, stay, fails } = berthOf();
    berth.want(stay("1"));
    await turn();
    await fails();
    expect([berth.state, berth.failure]).toEqual(["failed", "no"]);
    await clock.advance(5_000);
    await fails();
    berth.want(stay("2"));
    await turn();
    expect(log).toEqual([
      "start 1",
      "1: Error: no",
      "start 1",
      "1: Error: no",
      "start 2",
    ]);
  });

  it("waits for another lease when its own has lapsed", async () => {
    const { berth, clock, log, stay, ends } = berthOf();
    const lapse = new AbortController();
    berth.want(stay("1", { check: () => undefined, lapsed: lapse.signal }));
    await turn();
    lapse.abort(new Error("lapsed"));
    await ends();
    await clock.advance(600_000);
    expect(log).toEqual(["start 1", "stop 1"]);
    berth.want(stay("1"));
    await turn();
    expect(log.at(-1)).toBe("start 1");
  });
});
