import { Random } from "../../src/simulator/random.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import {
  duplicatesOf,
  evidenceOf,
  fillShared,
  Instance,
  pendingOf,
  problemsOf,
  runsOf,
} from "../support/process/fleet.ts";
import { folderOf } from "../support/process/folder.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";
import type { TrialOptions } from "./crowd.ts";
import { until } from "./until.ts";

const INSTANCES = 3;
const KILL_EVERY_MS = 20_000;
const LONGEST_GAP_MS = 30_000;
const WITHIN_MS = 120_000;
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
  const { atLeastOnce, exactlyOnce } = await fillShared(
    folder,
    cluster.brokers,
    connectors,
    {
      url: simulator.url,
      settings: {
        minPollIntervalMs: 5_000,
        pollIntervalMs: 5_000,
        requestsPerSecond: 10,
      },
    },
  );
  const names = [...atLeastOnce, ...exactlyOnce];
  say(
    `${connectors} connectors on ${INSTANCES} instances, half of them exactly-once; one is killed every ${KILL_EVERY_MS / 1_000} s for ${seconds} s, and another started`,
  );
  const instances: Instance[] = [];
  for (let n = 0; n < INSTANCES; n++)
    instances.push(await Instance.start(folder));
  const gaps = new Gaps(names);
  const allRun = () => gaps.look(instances);
  if (!(await until(allRun, WITHIN_MS)))
    return [`never started: ${gaps.missing.join(", ")}`];
  gaps.begin();

  let kills = 0;
  const startedMs = performance.now();
  while (performance.now() - startedMs < seconds * 1_000) {
    await until(async () => {
      await allRun();
      return performance.now() - startedMs > (kills + 1) * KILL_EVERY_MS;
    }, KILL_EVERY_MS);
    const place = random.integer(0, INSTANCES - 1);
    await instances[place]?.[Symbol.asyncDispose]();
    instances[place] = await Instance.start(folder);
    kills++;
  }
  if (!(await until(allRun, WITHIN_MS)))
    return [`never ran again: ${gaps.missing.join(", ")}`];
  simulator.stopChanges();
  const isTold = async () => {
    await allRun();
    return pendingOf(simulator) === 0;
  };
  if (!(await until(isTold, WITHIN_MS)))
    return [`${pendingOf(simulator)} changes were not acknowledged in time`];
  for (const { program } of instances) program.kill("SIGTERM");
  const exits = await Promise.all(
    instances.map(({ program }) => program.ended),
  );
  const badExits = exits.filter(({ code }) => code !== 0);

  const records = await readTopicsAt(cluster.brokers, folder.owns);
  const evidence = evidenceOf(simulator, records, names);
  const again = duplicatesOf(simulator, records, atLeastOnce);
  const duplicates = duplicatesOf(simulator, records, exactlyOnce);
  const deadLetters = records.filter(({ topic }) => !names.includes(topic));
  const { longestMs, meanMs, twice } = gaps;
  say(
    `  ${kills} kills, ${records.length} records: ${evidence.lost.length} lost, ${evidence.late.length} of two instances at once, ${evidence.stale.length} followed by an older state, ${deadLetters.length} dead letters`,
  );
  say(
    `  written twice: ${duplicates} records by exactly-once connectors, ${again} by at-least-once ones`,
  );
  say(
    `  a connector without an instance: ${(meanMs / 1_000).toFixed(1)} s in the mean, ${(longestMs / 1_000).toFixed(1)} s at the longest; seen on two at once: ${twice} times`,
  );
  return [
    ...problemsOf(evidence),
    ...(deadLetters.length > 0 ? [`${deadLetters.length} dead letters`] : []),
    ...(duplicates > 0 ? [`${duplicates} duplicates`] : []),
    ...(twice > 0 ? [`a connector ran twice at once`] : []),
    ...(longestMs > LONGEST_GAP_MS ? [`${longestMs} ms without it`] : []),
    ...(badExits.length > 0 ? [`${badExits.length} ended with a failure`] : []),
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

  /** Those that run nowhere, as far as was seen last. */
  get missing(): string[] {
    return [...this.#missing];
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
