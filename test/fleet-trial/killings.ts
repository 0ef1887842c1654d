import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../src/simulator/random.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/cluster.ts";
import { evidenceOf, Instance, runsOf, SERVER } from "../support/fleet.ts";
import { folderOf } from "../support/folder.ts";
import { readTopicsAt } from "../support/read-topics.ts";
import type { TrialOptions } from "./crowd.ts";

const INSTANCES = 3;
const KILL_EVERY_MS = 20_000;
const LOOK_EVERY_MS = 250;
const LONGEST_GAP_MS = 30_000;
const SEED = 7;

/** Instances that share connectors, one of them killed again and again. Answers what was not as it should be. */
export async function killings(options: TrialOptions): Promise<string[]> {
  const { connectors, seconds, say } = options;
  const random = new Random(SEED, 1);
  await using cluster = await Cluster.start({ size: 1 });
  await using simulator = await Simulator.start({
    records: 200,
    changesPerSecond: 2,
  });
  await using folder = await folderOf(cluster.brokers);
  await folder.put("cluster.json", {
    group: folder.prefix,
    kafka: { brokers: cluster.brokers },
  });
  const names: string[] = [];
  const exactlyOnce: string[] = [];
  for (let n = 0; n < connectors; n++) {
    const guarantee = n % 2 === 0 ? "at-least-once" : "exactly-once";
    const config = folder.connector(String(n), simulator.url, {
      sell: { pollIntervalMs: 5_000, requestsPerSecond: 10 },
      delivery: { guarantee },
    });
    await folder.put(`${n}.json`, { ...config, server: SERVER });
    const name = `${folder.prefix}-${n}`;
    names.push(name);
    if (guarantee === "exactly-once") exactlyOnce.push(name);
  }
  say(
    `${connectors} connectors on ${INSTANCES} instances, half of them exactly-once; one is killed every ${KILL_EVERY_MS / 1_000} s for ${seconds} s, and another started`,
  );
  const instances: Instance[] = [];
  for (let n = 0; n < INSTANCES; n++)
    instances.push(await Instance.start(folder));
  const gaps = new Gaps(names);
  while (!(await gaps.look(instances))) await delay(LOOK_EVERY_MS);
  gaps.begin();

  let kills = 0;
  const startedMs = performance.now();
  let nextKillMs = startedMs + KILL_EVERY_MS;
  while (performance.now() - startedMs < seconds * 1_000) {
    await gaps.look(instances);
    if (performance.now() >= nextKillMs) {
      nextKillMs += KILL_EVERY_MS;
      const place = random.integer(0, INSTANCES - 1);
      await instances[place]?.[Symbol.asyncDispose]();
      instances[place] = await Instance.start(folder);
      kills++;
    }
    await delay(LOOK_EVERY_MS);
  }
  while (!(await gaps.look(instances))) await delay(LOOK_EVERY_MS);
  simulator.stopChanges();
  const pending = () =>
    Object.values(simulator.state().devices).reduce(
      (sum, device) => sum + device.pending,
      0,
    );
  while (pending() > 0) {
    await gaps.look(instances);
    await delay(LOOK_EVERY_MS);
  }
  for (const { program } of instances) program.kill("SIGTERM");
  await Promise.all(instances.map(({ program }) => program.ended));

  const records = await readTopicsAt(cluster.brokers, folder.owns);
  const { lost, interleaved } = evidenceOf(simulator, records, names);
  const { duplicates } = evidenceOf(simulator, records, exactlyOnce);
  const deadLetters = records.filter(({ topic }) => !names.includes(topic));
  const { longestMs, meanMs, twice } = gaps;
  say(
    `  ${kills} kills, ${records.length} records: ${lost.length} lost, ${interleaved.length} of two instances at once, ${duplicates} duplicates of exactly-once connectors, ${deadLetters.length} dead letters`,
  );
  say(
    `  a connector without an instance: ${(meanMs / 1_000).toFixed(1)} s in the mean, ${(longestMs / 1_000).toFixed(1)} s at the longest; seen on two at once: ${twice} times`,
  );
  return [
    ...(lost.length > 0 ? [`lost: ${lost.slice(0, 5).join(", ")}`] : []),
    ...(interleaved.length > 0
      ? [`two at once: ${interleaved.slice(0, 5).join(", ")}`]
      : []),
    ...(deadLetters.length > 0 ? [`${deadLetters.length} dead letters`] : []),
    ...(duplicates > 0 ? [`${duplicates} duplicates`] : []),
    ...(twice > 0 ? [`a connector ran twice at once`] : []),
    ...(longestMs > LONGEST_GAP_MS ? [`${longestMs} ms without it`] : []),
  ];
}

/** For how long each connector ran nowhere. */
class Gaps {
  readonly #names: readonly string[];
  readonly #seenMs = new Map<string, number>();
  readonly #missing = new Set<string>();
  #all: number[] = [];
  twice = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Forgets what was before. */
  begin(): void {
    this.#all = [];
  }

  get longestMs(): number {
    return Math.max(0, ...this.#all);
  }

  get meanMs(): number {
    const sum = this.#all.reduce((total, gapMs) => total + gapMs, 0);
    return this.#all.length === 0 ? 0 : sum / this.#all.length;
  }

  /** True when all of them run. */
  async look(instances: readonly Instance[]): Promise<boolean> {
    const runs = await runsOf(instances);
    const nowMs = performance.now();
    for (const name of this.#names) {
      const count = runs.get(name) ?? 0;
      if (count > 1) this.twice++;
      if (count === 0) {
        this.#missing.add(name);
        continue;
      }
      if (this.#missing.delete(name))
        this.#all.push(nowMs - (this.#seenMs.get(name) ?? nowMs));
      this.#seenMs.set(name, nowMs);
    }
    return this.#missing.size === 0;
  }
}
