import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/cluster.ts";
import {
  evidenceOf,
  Instance,
  problemsOf,
  runsOf,
  SERVER,
} from "../support/fleet.ts";
import { folderOf, type Folder } from "../support/folder.ts";
import { readTopicsAt } from "../support/read-topics.ts";

const within = (ms: number) => ({ timeout: ms, interval: 200 });

describe("instances that share a folder", () => {
  let cluster: Cluster;
  let simulator: Simulator;
  let folder: Folder;
  const names: string[] = [];
  const instances: Instance[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start({ size: 1 });
    simulator = await Simulator.start({ records: 100, changesPerSecond: 5 });
    folder = await folderOf(cluster.brokers);
    await folder.put("cluster.json", {
      group: folder.prefix,
      kafka: { brokers: cluster.brokers },
    });
    for (let n = 0; n < 8; n++) {
      const guarantee = n % 2 === 0 ? "at-least-once" : "exactly-once";
      const config = folder.connector(String(n), simulator.url, {
        delivery: { guarantee },
      });
      await folder.put(`${n}.json`, { ...config, server: SERVER });
      names.push(`${folder.prefix}-${n}`);
    }
  }, 60_000);

  afterAll(async () => {
    for (const instance of instances) await instance[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await simulator[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  const start = async () => {
    const instance = await Instance.start(folder);
    instances.push(instance);
    return instance;
  };

  /** Every connector runs, and none of them twice. */
  const runsOnce = async (of: readonly Instance[]) => {
    const runs = await runsOf(of);
    expect(Math.max(0, ...runs.values())).toBeLessThanOrEqual(1);
    return runs.size;
  };

  it("runs each connector on one of them, whatever becomes of the others", async () => {
    const first = await start();
    await expect
      .poll(() => runsOnce([first]), within(30_000))
      .toBe(names.length);
    const second = await start();
    await expect
      .poll(async () => {
        await runsOnce([first, second]);
        return (await second.running())?.length;
      }, within(30_000))
      .toBeGreaterThan(0);
    await expect
      .poll(() => runsOnce([first, second]), within(30_000))
      .toBe(names.length);

    first.program.kill("SIGSTOP");
    await expect.poll(() => runsOnce([second]), within(30_000)).toBe(8);
    first.program.kill("SIGCONT");
    await expect
      .poll(async () => {
        await runsOnce([first, second]);
        return (await first.running())?.length;
      }, within(30_000))
      .toBeGreaterThan(0);

    second.program.kill("SIGKILL");
    await expect.poll(() => runsOnce([first]), within(30_000)).toBe(8);
    simulator.stopChanges();
    await expect
      .poll(
        () =>
          Object.values(simulator.state().devices).map(
            ({ pending }) => pending,
          ),
        within(30_000),
      )
      .toEqual(names.map(() => 0));
    first.program.kill("SIGTERM");
    expect((await first.program.ended).code).toBe(0);

    const records = await readTopicsAt(cluster.brokers, folder.owns);
    expect(problemsOf(evidenceOf(simulator, records, names))).toEqual([]);
  }, 180_000);
});
