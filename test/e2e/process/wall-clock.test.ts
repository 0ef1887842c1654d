// A lease does not depend on the wall clock: an instance goes on when the clock leaps by a day.
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { folderOf } from "../../support/process/folder.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

/** A process whose wall clock leaps by so many days at SIGUSR2. */
const leaping = (days: number) => [
  "--import",
  `data:text/javascript,${encodeURIComponent(
    `const now = Date.now;
     let leapMs = 0;
     Date.now = () => now() + leapMs;
     process.on("SIGUSR2", () => (leapMs = ${days * 86_400_000}));`,
  )}`,
];

describe.skipIf(servers === null)("an instance of a group", () => {
  it.concurrent.each([-1, 1])(
    "goes on as if nothing had happened when the wall clock leaps by %i days",
    async (days) => {
      await using simulator = await Simulator.start({ records: 50 });
      await using folder = await folderOf(brokers());
      const server = { port: await freePort() };
      await folder.put("cluster.json", {
        group: folder.prefix,
        kafka: { brokers: brokers() },
      });
      const connector = folder.connector("a", simulator.url, { server });
      await folder.put("a.json", connector);
      await using program = new Program(["run", "--config", folder.path], {
        nodeArgs: leaping(days),
      });
      // A broker refuses a record whose time is a day ahead: the drain's marker is written before the leap.
      await program.says('"marked a complete drain"');
      // Until the coordinator of a new group is known, joining may fail.
      const { length: beforeLeap } = program.stderr;
      program.kill("SIGUSR2");
      // It asks Sell once a second: for longer than a lease lasts without heartbeats.
      const starts = () =>
        Object.values(simulator.state().requests["start"] ?? {}).reduce(
          (sum, count) => sum + count,
          0,
        );
      const before = starts();
      await expect
        .poll(starts, { timeout: 20_000 })
        .toBeGreaterThan(before + 8);
      program.kill("SIGTERM");
      expect(await program.ended).toEqual({ code: 0, signal: null });
      expect(program.stderr.match(/"msg":"connected"/g)).toHaveLength(1);
      expect(program.stderr.slice(beforeLeap)).not.toMatch(
        /"level":"(warn|error)"/,
      );
    },
  );
});
