// A drain loses and repeats nothing under each fault of the simulated Sell.
import { describe, expect, it } from "vitest";
import {
  denials,
  faultNames,
  type Faults,
} from "../../../src/simulator/faults.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";

const RECORDS = 400;

describe.skipIf(servers === null)("a Sell that fails", () => {
  const passing = faultNames.filter((name) => !denials.includes(name));

  it.concurrent.each(denials)("ends a drain by %s", async (fault) => {
    await using simulator = await Simulator.start({ faults: { [fault]: 1 } });
    await using trial = await trialOf(simulator.url);
    const { exitCode, summary, stderr } = await trial.sync();
    expect(exitCode).toBe(1);
    expect(summary).toMatchObject({ result: "denied", requests: 1 });
    const [problem = "", ...others] = summary.problems;
    expect(problem).toContain(fault);
    expect(others).toEqual([]);
    // The log has the same sentence.
    expect(stderr).toContain(JSON.stringify(problem));
  });

  it.concurrent.each(passing)("loses nothing to %s", async (fault) => {
    const faults: Faults = { [fault]: fault === "slow" ? 0.05 : 0.15 };
    await using simulator = await Simulator.start({
      records: RECORDS,
      pageSize: 40,
      seed: 3,
      faults,
    });
    await using trial = await trialOf(simulator.url, {
      sell: {
        requestTimeoutMs: fault === "slow" ? 900 : 20_000,
        pollIntervalMs: 1_000,
      },
    });
    const { exitCode, summary, stderr } = await trial.sync();
    expect({ exitCode, summary, stderr }).toMatchObject({ exitCode: 0 });
    const records = await readTopics(trial.owns);
    const places = new Set(records.map(({ topic, key }) => `${topic}/${key}`));
    expect(places.size).toBe(RECORDS);
    expect(summary.acknowledged).toBe(RECORDS);
    expect(summary.fetched).toBe(summary.published + summary.deferred);
    expect(exitCode).toBe(0);
    expect(trial.proxy.broken).toEqual([]);
    expect(simulator.state().violations).toEqual({});
  });
});
