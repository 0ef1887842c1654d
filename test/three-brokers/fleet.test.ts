// Instances share their connectors evenly, again whenever one comes or goes: each runs once, and nothing is lost.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { javaProblem } from "../../src/local/native.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import { sellKafka } from "../support/process/command.ts";
import {
  evidenceOf,
  fillShared,
  Instance,
  pendingOf,
  problemsOf,
  runsOf,
} from "../support/process/fleet.ts";
import { folderOf, type Folder } from "../support/process/folder.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";

/** Sessions, leases and starts take some 25 s on a machine that does nothing else. */
const eventually = { timeout: 90_000, interval: 200 };
const CONNECTORS = 8;
const problem = await javaProblem();

describe.skipIf(problem !== null)("instances that share a folder", () => {
  let cluster: Cluster;
  let simulator: Simulator;
  let folder: Folder;
  const names: string[] = [];
  const instances: Instance[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start({ size: 1 });
    simulator = await Simulator.start({
      records: 300,
      pageSize: 5,
      // While a connector drains, there is always an answer on its way.
      latencyMs: 200,
    });
    folder = await folderOf(cluster.brokers);
    const { atLeastOnce, exactlyOnce } = await fillShared(
      folder,
      cluster.brokers,
      CONNECTORS,
      // A drain of what `change` changes takes some seconds.
      { url: simulator.url, settings: { requestsPerSecond: 10 } },
    );
    names.push(...atLeastOnce, ...exactlyOnce);
  });

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

  /** Waits until so many connectors run on each of these instances, and all on one of them. */
  const share = (...shares: readonly (readonly [Instance, number])[]) => {
    const sizes = async () => {
      const each = await Promise.all(shares.map(([one]) => runsOf([one])));
      const all = new Set(each.flatMap((runs) => [...runs.keys()]));
      return [...each.map(({ size }) => size), all.size];
    };
    const wanted = shares.map(([, size]) => size);
    return expect.poll(sizes, eventually).toEqual([...wanted, CONNECTORS]);
  };

  const drained = () =>
    expect.poll(() => pendingOf(simulator), eventually).toBe(0);

  /** Changes the account, and waits until every connector is in the middle of draining that. */
  const change = async () => {
    const sessions = () =>
      Object.values(simulator.state().devices).map((device) => device.sessions);
    const before = sessions();
    for (let n = 0; n < 400; n++) simulator.world.change(Date.now());
    await expect
      .poll(
        () => sessions().every((count, at) => count > (before[at] ?? 0)),
        eventually,
      )
      .toBe(true);
    for (const { pending } of Object.values(simulator.state().devices))
      expect(pending).toBeGreaterThan(50);
  };

  it("runs each connector on one of them, whatever becomes of the others", async () => {
    const first = await start();
    await share([first, CONNECTORS]);
    await drained();
    const second = await start();
    await share([first, CONNECTORS / 2], [second, CONNECTORS / 2]);
    await drained();

    // It stalls with pages in its hands and on their way, and goes on when others have them.
    await change();
    await share([first, CONNECTORS / 2], [second, CONNECTORS / 2]);
    first.program.kill("SIGSTOP");
    await share([second, CONNECTORS]);
    await drained();
    first.program.kill("SIGCONT");
    await share([first, CONNECTORS / 2], [second, CONNECTORS / 2]);

    await change();
    second.program.kill("SIGKILL");
    await share([first, CONNECTORS]);
    await drained();
    first.program.kill("SIGTERM");
    expect((await first.program.ended).code).toBe(0);

    const records = await readTopicsAt(cluster.brokers, folder.owns);
    expect(problemsOf(evidenceOf(simulator, records, names))).toEqual([]);
    const audits = names.map((_, n) => {
      const config = ["--config", join(folder.path, `${n}.json`)];
      return sellKafka(["audit", ...config, "--requests-per-second", "500"], {
        env: { FLEET_PORT: "0" },
      });
    });
    for (const { exitCode, stdout, stderr } of await Promise.all(audits))
      expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
  });
});
