// A connector that is killed at any request loses nothing and acknowledges nothing too early.
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/simulator/random.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";

const RECORDS = 2_000;
const KILLS = 8;
const SEED = 11;

describe.skipIf(servers === null)("a connector that is killed", () => {
  it("loses nothing, whenever it happens", async () => {
    const random = new Random(SEED, 1);
    await using simulator = await Simulator.start({
      records: RECORDS,
      pageSize: 25,
      latencyMs: 2,
    });
    await using trial = await trialOf(simulator.url, {
      sell: { ackBatchSize: 40, requestsPerSecond: 500 },
    });
    for (let kill = 0; kill < KILLS; kill++) {
      await using program = new Program(["sync", "--config", trial.configPath]);
      const requests = random.integer(1, 30);
      const moment = trial.proxy.seen(trial.proxy.requests + requests);
      await Promise.race([moment, program.ended]);
      program.kill("SIGKILL");
      expect(await program.ended).toEqual({ code: null, signal: "SIGKILL" });
    }
    const { exitCode, summary } = await trial.sync();
    expect(exitCode).toBe(0);
    expect(summary.deferred).toBe(0);

    const records = await readTopics(trial.owns);
    const places = new Set(records.map(({ topic, key }) => `${topic}/${key}`));
    expect(places.size).toBe(RECORDS);
    expect(trial.proxy.broken).toEqual([]);
    const [device] = Object.values(simulator.state().devices);
    expect(device).toMatchObject({ pending: 0, acknowledged: RECORDS });
  });
});
