import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/cluster.ts";
import {
  evidenceOf,
  Instance,
  pendingOf,
  problemsOf,
  SERVER,
} from "../support/fleet.ts";
import { fleetStatus, folderOf } from "../support/folder.ts";
import { readTopicsAt } from "../support/read-topics.ts";
import { until } from "./until.ts";

export interface TrialOptions {
  readonly connectors: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const RECORDS = 500;
const CHANGES_PER_SECOND = 2;
const POLL_INTERVAL_MS = 5_000;
const MOST_MIB = 500;
const WITHIN_MS = 300_000;

/** Many connectors in one process, all of them live. Answers what was not as it should be. */
export async function crowd(options: TrialOptions): Promise<string[]> {
  const { connectors, seconds, say } = options;
  await using cluster = await Cluster.start({ size: 1 });
  await using simulator = await Simulator.start({
    records: RECORDS,
    changesPerSecond: CHANGES_PER_SECOND,
  });
  await using folder = await folderOf(cluster.brokers);
  const names: string[] = [];
  for (let n = 0; n < connectors; n++) {
    const name = String(n).padStart(4, "0");
    const config = folder.connector(name, simulator.url, {
      sell: { pollIntervalMs: POLL_INTERVAL_MS, requestsPerSecond: 10 },
    });
    await folder.put(`${name}.json`, { ...config, server: SERVER });
    names.push(`${folder.prefix}-${name}`);
  }
  say(
    `${connectors} connectors in one process, ${RECORDS} records each, ${CHANGES_PER_SECOND} changes a second each, polling every ${POLL_INTERVAL_MS} ms`,
  );
  const startedMs = performance.now();
  await using instance = await Instance.start(folder);
  const pid = instance.program.pid ?? 0;
  const acknowledged = () =>
    Object.values(simulator.state().devices).filter(
      (device) => device.acknowledged >= RECORDS,
    ).length;
  if (!(await until(() => acknowledged() === connectors, WITHIN_MS)))
    return [`${acknowledged()} of ${connectors} accounts were drained`];
  const drainMs = performance.now() - startedMs;
  const drained = (connectors * RECORDS) / (drainMs / 1_000);
  say(
    `  first drain of all: ${(drainMs / 1_000).toFixed(1)} s, ${Math.round(drained)} events a second`,
  );

  const published = async () =>
    (await fleetStatus(instance.port))?.connectors.reduce(
      (sum, one) => sum + one.published,
      0,
    ) ?? NaN;
  const before = { events: await published(), cpu: await cpuSeconds(pid) };
  await delay(seconds * 1_000);
  const events = (await published()) - before.events;
  const cpu = (await cpuSeconds(pid)) - before.cpu;
  const live = await memoryOf(pid);
  say(
    `  live for ${seconds} s: ${Math.round(events / seconds)} events a second, ${percent(cpu / seconds)} of a core, RSS ${live.nowMib} MiB`,
  );
  const status = await fleetStatus(instance.port);
  const ready = status?.connectors.filter((one) => one.ready).length ?? 0;

  simulator.stopChanges();
  const isTold = () => pendingOf(simulator) === 0;
  if (!(await until(isTold, WITHIN_MS)))
    return [`${pendingOf(simulator)} changes were not acknowledged in time`];
  await delay(POLL_INTERVAL_MS * 2);
  const idleBefore = await cpuSeconds(pid);
  await delay(seconds * 500);
  const idle = (await cpuSeconds(pid)) - idleBefore;
  const { nowMib, peakMib } = await memoryOf(pid);
  say(
    `  nothing to do: ${percent(idle / (seconds / 2))} of a core, RSS ${nowMib} MiB; peak ${peakMib} MiB; ${ready} of ${connectors} ready`,
  );
  instance.program.kill("SIGTERM");
  const { code } = await instance.program.ended;
  const records = await readTopicsAt(cluster.brokers, folder.owns);
  const evidence = evidenceOf(simulator, records, names);
  say(
    `  ${records.length} records in Kafka: ${evidence.lost.length} lost, ${evidence.stale.length} followed by an older state`,
  );
  return [
    ...problemsOf(evidence),
    ...(peakMib > MOST_MIB ? [`${peakMib} MiB, not ${MOST_MIB}`] : []),
    ...(ready < connectors ? [`only ${ready} connectors were ready`] : []),
    ...(code === 0 ? [] : [`it ended with ${code ?? "a signal"}`]),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** By Linux's own account. */
async function memoryOf(
  pid: number,
): Promise<{ nowMib: number; peakMib: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const mib = (key: string) =>
    Math.round(
      Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024,
    );
  return { nowMib: mib("VmRSS"), peakMib: mib("VmHWM") };
}

const TICKS_PER_SECOND = 100;

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
