// A connector runs one configuration at a time, and only under a lease.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  ConnectorRunner,
  type Assignment,
} from "../../src/supervisor/connector-runner.ts";
import { permanentLease } from "../../src/cluster/lease.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

/** A runner whose connectors stop when a test says so. */
function berthOf() {
  const clock = new FakeClock();
  const log: string[] = [];
  let running = 0;
  let stop = Promise.withResolvers<undefined>();
  const runner = new ConnectorRunner({
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
  const assignment = (print: string, lease = permanentLease) =>
    ({ print, lease, config: {} }) as Assignment;
  return {
    runner,
    clock,
    log,
    assignment,
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
    const { runner, log, assignment, ends } = berthOf();
    runner.want(assignment("1"));
    await turn();
    runner.want(assignment("1"));
    runner.want(assignment("2"));
    runner.want(assignment("3"));
    expect(runner.state).toBe("stopping");
    await ends();
    expect(log).toEqual(["start 1", "stop 1", "start 3"]);
    expect(runner.state).toBe("running");
    const stopped = runner.stop();
    await ends();
    await stopped;
    expect(runner.isIdle).toBe(true);
  });

  it("starts again what failed, after a while or with another configuration", async () => {
    const { runner, clock, log, assignment, fails } = berthOf();
    runner.want(assignment("1"));
    await turn();
    await fails();
    expect([runner.state, runner.failure]).toEqual(["failed", "no"]);
    await clock.advance(5_000);
    await fails();
    runner.want(assignment("2"));
    await turn();
    expect(log).toEqual([
      "start 1",
      "1: Error: no",
      "start 1",
      "1: Error: no",
      "start 2",
    ]);
  });

  it("waits for another lease when its own has expired", async () => {
    const { runner, clock, log, assignment, ends } = berthOf();
    const expiry = new AbortController();
    runner.want(
      assignment("1", {
        throwIfExpired: () => undefined,
        expired: expiry.signal,
      }),
    );
    await turn();
    expiry.abort(new Error("expired"));
    await ends();
    await clock.advance(600_000);
    expect(log).toEqual(["start 1", "stop 1"]);
    runner.want(assignment("1"));
    await turn();
    expect(log.at(-1)).toBe("start 1");
  });
});
