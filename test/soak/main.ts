// Kills the built connector again and again, at moments that are spread over the phases of its
// work, with Sell's faults on and a broker that crashes too; then accounts for every change.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Random } from "../../src/simulator/random.ts";
import { parseFaults } from "../../src/simulator/faults.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { accountOf } from "../support/account.ts";
import { Cluster } from "../support/cluster.ts";
import { configFile } from "../support/config-file.ts";
import { readTopicsAt } from "../support/read-topics.ts";
import { KafkaGate } from "./kafka-gate.ts";
import { phases, type Guarantee } from "./moment.ts";
import { SellGate } from "./sell-gate.ts";

const FAULTS =
  "429=0.03,404-429=0.02,500=0.03,reset=0.03,truncate=0.03,empty-page=0.05,failed-objects=0.01,session-lost=0.01,ack-lost=0.05,html=0.02";
const CHANGES_PER_SECOND = 40;
const BROKER_CRASH_EVERY = 6;
const PHASE_WITHIN_MS = 90_000;
const MOST_SYNCS = 30;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    guarantee: { type: "string", default: "at-least-once" },
    brokers: { type: "string", default: "1" },
  },
});
const guarantee = values.guarantee as Guarantee;
if (!(guarantee in phases)) throw new Error(`no guarantee ${guarantee}`);
const size = values.brokers === "3" ? 3 : 1;
const seed = Number(values.seed);
const random = new Random(seed, 17);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What is waited for, and then held for ever while the connector is killed. */
let wanted: { moment: string; left: number; come: () => void } | null = null;

const meets = async (moment: string): Promise<void> => {
  if (wanted?.moment !== moment || --wanted.left > 0) return;
  wanted.come();
  wanted = null;
  if (!moment.endsWith("passed")) await new Promise(() => undefined);
};

await using kafkaGate = new KafkaGate(meets);
await using cluster = await Cluster.start({
  size,
  before: (port) => kafkaGate.before(port),
});
await using simulator = await Simulator.start({
  records: 400,
  pageSize: 20,
  seed,
  changesPerSecond: CHANGES_PER_SECOND,
  faults: parseFaults(FAULTS),
});
await using sellGate = await SellGate.start(simulator.url, meets);
await using config = await configFile({
  name: "soak",
  sell: {
    baseUrl: sellGate.url,
    accessToken: "t0ken".repeat(13),
    requestsPerSecond: 500,
    pollIntervalMs: 1_000,
    ackBatchSize: 25,
  },
  kafka: { brokers: cluster.brokers },
  topics: { pattern: "soak.{type}" },
  delivery: { guarantee, deadLetterTopic: "soak.dead-letter" },
  log: { level: "warn" },
});

const kills: Record<string, number> = {};
let brokerCrashes = 0;
const order = Object.entries(phases[guarantee]);
for (let kill = 0; kill < Number(values.kills); kill++) {
  if (kill % order.length === 0) random.shuffled(order);
  const [phase, moment] = order[kill % order.length] ?? ["", ""];
  if (kill % BROKER_CRASH_EVERY === BROKER_CRASH_EVERY - 1) await crashBroker();
  await killIn(phase, moment);
  kills[phase] = (kills[phase] ?? 0) + 1;
}
simulator.stopChanges();
await drained();
await report();

async function killIn(phase: string, moment: string): Promise<void> {
  // The first of a life's moments, or a later one; a life recovers only once.
  const left = moment.startsWith("producer id") ? 1 : random.integer(1, 5);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  wanted = {
    moment,
    left,
    come: () => {
      resolve(undefined);
    },
  };
  const connector = start("run");
  const ended = once(connector, "close").then(() => {
    throw new Error(`the connector ended by itself, before ${phase}`);
  });
  const late = new AbortController();
  const tooLate = delay(PHASE_WITHIN_MS, undefined, {
    signal: late.signal,
  }).then(() => {
    throw new Error(`${phase} did not come within ${PHASE_WITHIN_MS} ms`);
  });
  ended.catch(() => undefined);
  tooLate.catch(() => undefined);
  await Promise.race([promise, ended, tooLate]);
  late.abort();
  if (moment.endsWith("passed")) await delay(random.integer(0, 15));
  connector.kill("SIGKILL");
  await ended.catch(() => undefined);
}

/** A broker dies under a connector that works, and comes back. */
async function crashBroker(): Promise<void> {
  const connector = start("run");
  await delay(random.integer(500, 2_500));
  const id = random.integer(1, size);
  await cluster.crash(id);
  await delay(random.integer(0, 2_000));
  await cluster.restart(id);
  brokerCrashes++;
  connector.kill("SIGKILL");
  await once(connector, "close");
}

/** Syncs until one is complete and Sell, which may lose acknowledgements, has nothing left. */
async function drained(): Promise<void> {
  for (let sync = 0; sync < MOST_SYNCS; sync++) {
    const connector = start("sync");
    const [code] = (await once(connector, "close")) as [number | null];
    const [device] = Object.values(simulator.state().devices);
    if (code === 0 && device?.pending === 0) return;
  }
  throw new Error(`Sell is not drained after ${MOST_SYNCS} syncs`);
}

function start(command: string): ChildProcess {
  return spawn(
    process.execPath,
    ["dist/main.js", command, "--config", config.path],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
}

async function report(): Promise<void> {
  const records = await readTopicsAt(cluster.brokers, (topic) =>
    topic.startsWith("soak."),
  );
  const { handedOut, acknowledged } = sellGate;
  const account = accountOf(simulator.world, records, handedOut);
  const { changes, faults, violations } = simulator.state();
  say(`seed ${seed}, ${guarantee}, ${size} broker(s)`);
  for (const [phase, count] of Object.entries(kills))
    say(`  ${String(count).padStart(4)} kills: ${phase}`);
  for (const [fault, count] of Object.entries(faults))
    say(`  ${String(count).padStart(4)} faults of Sell: ${fault}`);
  const summary = {
    kills: Object.values(kills).reduce((sum, count) => sum + count, 0),
    brokerCrashes,
    changes,
    handedOut: handedOut.size,
    acknowledged: acknowledged.size,
    records: records.length,
    silentDeletes: account.silentDeletes,
    duplicates: account.duplicates,
    lost: account.lost.length,
  };
  say(JSON.stringify(summary));
  for (const lost of account.lost.slice(0, 20)) say(`  lost: ${lost}`);
  for (const [rule, count] of Object.entries(violations))
    say(`  against the protocol: ${rule} (${count})`);
  const isRepeated = guarantee === "exactly-once" && account.duplicates > 0;
  process.exitCode = account.lost.length > 0 || isRepeated ? 1 : 0;
}
