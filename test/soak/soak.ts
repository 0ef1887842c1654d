import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { parseFaults } from "../../src/simulator/faults.ts";
import { Random } from "../../src/simulator/random.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { accountOf } from "../support/sell/account.ts";
import type { Cluster } from "../support/kafka/cluster.ts";
import { configFile } from "../support/process/config-file.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";
import { planOf, type Guarantee, type Phase } from "./phases.ts";
import { SellGate } from "./sell-gate.ts";
import type { Watch } from "./watch.ts";

const FAULTS =
  "429=0.03,404-429=0.02,500=0.03,reset=0.03,truncate=0.03,empty-page=0.05,failed-objects=0.01,session-lost=0.01,ack-lost=0.05,html=0.02";
const CHANGES_PER_SECOND = 40;
/** A connector that comes to no page, write or acknowledgement for so long is stuck, however slow the machine is. */
const PHASE_WITHIN_MS = 240_000;
const MOST_SYNCS = 30;

export interface SoakOptions {
  readonly cluster: Cluster;
  readonly size: 1 | 3;
  /** Sees what goes to the cluster. */
  readonly watch: Watch;
  readonly guarantee: Guarantee;
  readonly kills: number;
  /** A broker crashes before each kill whose number this divides. */
  readonly crashEvery: number;
  readonly seed: number;
  /** Told after each kill. */
  readonly killed?: (phase: Phase, kills: number) => void;
}

export interface SoakReport {
  /** By phase. */
  readonly kills: Readonly<Record<string, number>>;
  /** Of Sell, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly brokerCrashes: number;
  /** Of Sell's records while the connector was killed. */
  readonly changes: number;
  /** Distinct keys. */
  readonly handedOut: number;
  readonly acknowledged: number;
  /** In Kafka. */
  readonly records: number;
  readonly silentDeletes: number;
  readonly duplicates: number;
  readonly lost: readonly string[];
  /** What the connector did against the protocol, and how often. */
  readonly violations: Readonly<Record<string, number>>;
}

/**
 * Kills the built connector again and again, in each phase of its work, with Sell's faults on and
 * a broker that crashes too; then drains Sell, and accounts for every key and every record.
 * Rejects when the connector gets stuck, or ends by itself.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { cluster, watch, guarantee, seed } = options;
  const random = new Random(seed, 17);
  await using simulator = await Simulator.start({
    records: 400,
    pageSize: 20,
    seed,
    changesPerSecond: CHANGES_PER_SECOND,
    faults: parseFaults(FAULTS),
  });
  await using sellGate = await SellGate.start(simulator.url, watch.meets);
  const name = `soak-${guarantee}`;
  await using config = await configFile({
    name,
    sell: {
      baseUrl: sellGate.url,
      accessToken: "t0ken".repeat(13),
      requestsPerSecond: 500,
      pollIntervalMs: 1_000,
      ackBatchSize: 25,
    },
    kafka: { brokers: cluster.brokers },
    topics: { pattern: "{name}.{type}", partitions: 2 },
    delivery: { guarantee, deadLetterTopic: `${name}.dead-letter` },
    log: { level: "warn" },
  });
  const start = (command: string) => connector(command, config.path);

  const kills: Record<string, number> = {};
  let brokerCrashes = 0;
  for (const [place, phase] of planOf(
    guarantee,
    options.kills,
    random,
  ).entries()) {
    if ((place + 1) % options.crashEvery === 0) {
      watch.letPass();
      await crashBroker(options, random, start("run"));
      brokerCrashes++;
    }
    // The first of a life's moments, or a later one; a life recovers only once.
    const isOnce = phase.moment.startsWith("producer id");
    const met = watch.until(phase.moment, isOnce ? 1 : random.integer(1, 3));
    await killIn(phase, met, start("run"), random);
    kills[phase.name] = (kills[phase.name] ?? 0) + 1;
    options.killed?.(phase, place + 1);
  }
  watch.letPass();
  simulator.stopChanges();
  await drained(simulator, () => start("sync"));

  const records = await readTopicsAt(cluster.brokers, (topic) =>
    topic.startsWith(`${name}.`),
  );
  const { handedOut, acknowledged } = sellGate;
  const { changes, faults, violations } = simulator.state();
  return {
    kills,
    faults,
    brokerCrashes,
    changes,
    handedOut: handedOut.size,
    acknowledged: acknowledged.size,
    records: records.length,
    ...accountOf(simulator.world, records, handedOut),
    violations,
  };
}

function connector(command: string, configPath: string): ChildProcess {
  return spawn(
    process.execPath,
    ["dist/main.js", command, "--config", configPath],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
}

async function killIn(
  { name, goesOnForMs }: Phase,
  met: Promise<void>,
  running: ChildProcess,
  random: Random,
): Promise<void> {
  const ended = once(running, "close").then(() => {
    throw new Error(`the connector ended by itself, before ${name}`);
  });
  const late = new AbortController();
  const tooLate = delay(PHASE_WITHIN_MS, undefined, {
    signal: late.signal,
  }).then(() => {
    throw new Error(`${name} did not come within ${PHASE_WITHIN_MS} ms`);
  });
  ended.catch(() => undefined);
  tooLate.catch(() => undefined);
  try {
    await Promise.race([met, ended, tooLate]);
    if (goesOnForMs > 0) await delay(random.integer(1, goesOnForMs));
  } finally {
    late.abort();
    running.kill("SIGKILL");
  }
  await ended.catch(() => undefined);
}

/** A broker dies under a connector that works, and comes back. */
async function crashBroker(
  { cluster, size }: SoakOptions,
  random: Random,
  running: ChildProcess,
): Promise<void> {
  const ended = once(running, "close");
  await delay(random.integer(500, 1_500));
  const id = random.integer(1, size);
  await cluster.crash(id);
  await delay(random.integer(0, 500));
  await cluster.restart(id);
  running.kill("SIGKILL");
  await ended;
}

/** Syncs until one is complete and Sell, which may lose acknowledgements, has nothing left. */
async function drained(
  simulator: Simulator,
  start: () => ChildProcess,
): Promise<void> {
  for (let sync = 0; sync < MOST_SYNCS; sync++) {
    const [code] = (await once(start(), "close")) as [number | null];
    const [device] = Object.values(simulator.state().devices);
    if (code === 0 && device?.pending === 0) return;
  }
  throw new Error(`Sell is not drained after ${MOST_SYNCS} syncs`);
}
