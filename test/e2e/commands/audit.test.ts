// The built `audit` prints its report alone, and claims no result when it is stopped.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

describe.skipIf(servers === null)("the built audit", () => {
  it("prints its report alone, says what it reads, and proves nothing when it is stopped", async () => {
    await using simulator = await Simulator.start({ records: 40 });
    await using trial = await trialOf(simulator.url, {
      topics: { pattern: "{name}.all" },
    });
    await trial.sync();
    const args = ["audit", "--config", trial.configPath];
    await using whole = new Program(args);
    expect(await whole.ended).toEqual({ code: 0, signal: null });
    expect(whole.stderr).toMatch(
      /^audit: reading Kafka, \d+ offsets\naudit: reading Sell, .*, 40 records, about 1 s\n$/,
    );
    expect(whole.stdout).toContain("Kafka holds what Sell holds");

    const before = trial.proxy.requests;
    await using slow = new Program([...args, "--requests-per-second", "0.01"]);
    await Promise.race([trial.proxy.seen(before + 1), slow.ended]);
    slow.kill("SIGTERM");
    expect(await slow.ended).toEqual({ code: 1, signal: null });
    expect(slow.stdout).toBe("");
    expect(slow.stderr).toContain("it proves nothing");
  });
});
