import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import {
  evidenceOf,
  Instance,
  pendingOf,
  problemsOf,
  SERVER,
} from "../support/process/fleet.ts";
import {
  fleetStatus,
  folderOf,
  type Folder,
} from "../support/process/folder.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";
import { until } from "./until.ts";

export interface TrialOptions {
  readonly connectors: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

export interface CrowdOptions extends TrialOptions {
  readonly guarantee: string;
  /** Among which the connectors are divided. */
  readonly processes: number;
  /** Of each account. */
  readonly changesPerSecond: number;
}

const RECORDS = 500;
const POLL_INTERVAL_MS = 5_000;
const MOST_MIB = 600;
const WITHIN_MS = 300_000;

/** Many connectors in one process, or in some, all of them live. Answers what was not as it should be. */
export async function crowd(options: CrowdOptions): Promise<string[]> {
  const { connectors, seconds, guarantee, processes } = options;
  const { changesPerSecond, say } = options;
  await using cluster = await Cluster.start({ size: 1 });
  await using simulator = await Simulator.start({
    records: RECORDS,
    changesPerSecond,
  });
  await using opened = new AsyncDisposableStack();
  const folders: Folder[] = [];
  for (let n = 0; n < processes; n++)
    folders.push(opened.use(await folderOf(cluster.brokers)));
  const names: string[] = [];
  for (let n = 0; n < connectors; n++) {
    const folder = folders[n % processes];
    if (folder === undefined) break;
    const name = String(n).padStart(4, "0");
    const config = folder.connector(name, simulator.url, {
      sell: {
        minPollIntervalMs: POLL_INTERVAL_MS,
        pollIntervalMs: POLL_INTERVAL_MS,
        requestsPerSecond: 10,
      },
      delivery: { guarantee },
    });
    await folder.put(`${name}.json`, { ...config, server: SERVER });
    names.push(`${folder.prefix}-${name}`);
  }
  say(
    `${connectors} connectors, in ${processes} process(es), ${guarantee}, ${RECORDS} records each, ${changesPerSecond} changes a second each, polling every ${POLL_INTERVAL_MS} ms`,
  );
  const startedMs = performance.now();
  const first = await startAll(folders, opened);
  const acknowledged = () =>
    Object.values(simulator.state().devices).filter(
      (device) => device.acknowledged >= RECORDS,
    ).length;
  if (!(await until(() => acknowledged() === connectors, WITHIN_MS)))
    return [`${acknowledged()} of ${connectors} accounts were drained`];
  const drainMs = performance.now() - startedMs;
  const drained = (connectors * RECORDS) / (drainMs / 1_000);
  const before = await spent(first);
  say(
    `  first drain of all: ${(drainMs / 1_000).toFixed(1)} s, ${before.cpuSeconds.toFixed(1)} s of CPU, ${Math.round(drained)} events a second`,
  );
  await delay(seconds * 1_000);
  const after = await spent(first);
  const events = sum(after.published) - sum(before.published);
  const cpu = after.cpuSeconds - before.cpuSeconds;
  say(
    `  live for ${seconds} s: ${Math.round(events / seconds)} events a second, ${percent(cpu / seconds)} of a core, RSS ${after.nowMib} MiB; peak ${after.peakMib} MiB`,
  );

  const codes = await stopAll(first);
  const restartedMs = performance.now();
  const second = await startAll(folders, opened);
  const isBack = async () => {
    const { published } = await spent(second);
    return published.length === connectors && !published.includes(0);
  };
  if (!(await until(isBack, WITHIN_MS)))
    return ["not every connector published after a restart"];
  const backMs = performance.now() - restartedMs;
  const back = await spent(second);
  say(
    `  restarted: every one published again after ${(backMs / 1_000).toFixed(1)} s, ${back.cpuSeconds.toFixed(1)} s of CPU; peak ${back.peakMib} MiB`,
  );

  simulator.stopChanges();
  const isTold = () => pendingOf(simulator) === 0;
  if (!(await until(isTold, WITHIN_MS)))
    return [`${pendingOf(simulator)} changes were not acknowledged in time`];
  await delay(POLL_INTERVAL_MS * 2);
  const idleBefore = await spent(second);
  await delay(seconds * 500);
  const end = await spent(second);
  const idle = end.cpuSeconds - idleBefore.cpuSeconds;
  say(
    `  nothing to do: ${percent(idle / (seconds / 2))} of a core, RSS ${end.nowMib} MiB; peak ${end.peakMib} MiB; ${end.ready} of ${connectors} ready`,
  );
  codes.push(...(await stopAll(second)));
  const records = await readTopicsAt(cluster.brokers, (topic) =>
    folders.some(({ owns }) => owns(topic)),
  );
  const evidence = evidenceOf(simulator, records, names);
  say(
    `  ${records.length} records in Kafka: ${evidence.lost.length} lost, ${evidence.stale.length} followed by an older state`,
  );
  const peakMib = Math.max(after.peakMib, end.peakMib);
  return [
    ...problemsOf(evidence),
    ...(peakMib > MOST_MIB ? [`${peakMib} MiB, not ${MOST_MIB}`] : []),
    ...(end.ready < connectors
      ? [`only ${end.ready} connectors were ready`]
      : []),
    ...codes.flatMap((one) =>
      one === 0 ? [] : [`it ended with ${one ?? "a signal"}`],
    ),
  ];
}

interface Spent {
  /** Of all processes. */
  readonly cpuSeconds: number;
  /** Of the largest process. */
  readonly nowMib: number;
  readonly peakMib: number;
  /** By each connector, since the start of its process. */
  readonly published: readonly number[];
  readonly ready: number;
}

async function startAll(
  folders: readonly Folder[],
  opened: AsyncDisposableStack,
): Promise<Instance[]> {
  const instances: Instance[] = [];
  for (const folder of folders)
    instances.push(opened.use(await Instance.start(folder)));
  return instances;
}

async function spent(instances: readonly Instance[]): Promise<Spent> {
  const each = await Promise.all(instances.map(spentBy));
  return {
    cpuSeconds: sum(each.map(({ cpuSeconds }) => cpuSeconds)),
    nowMib: Math.max(...each.map(({ nowMib }) => nowMib)),
    peakMib: Math.max(...each.map(({ peakMib }) => peakMib)),
    published: each.flatMap(({ published }) => published),
    ready: sum(each.map(({ ready }) => ready)),
  };
}

async function spentBy({ program, port }: Instance): Promise<Spent> {
  const pid = program.pid ?? 0;
  const { connectors = [] } = (await fleetStatus(port)) ?? {};
  return {
    cpuSeconds: await cpuSeconds(pid),
    ...(await memoryOf(pid)),
    published: connectors.map((one) => one.published),
    ready: connectors.filter((one) => one.ready).length,
  };
}

async function stopAll(
  instances: readonly Instance[],
): Promise<(number | null)[]> {
  for (const { program } of instances) program.kill("SIGTERM");
  const ends = await Promise.all(instances.map(({ program }) => program.ended));
  return ends.map(({ code }) => code);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
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
