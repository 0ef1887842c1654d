// Stops Kafka for a while in the middle of `run`, and tells what the built connector does meanwhile
// and after that: whether it says so, what memory it takes, and whether anything was lost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../../src/local/free-port.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { accountOf } from "../support/sell/account.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import { configFile } from "../support/process/config-file.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";

const RECORDS = 60_000;
const CHANGES_PER_SECOND = 20;
const BEFORE_ACKNOWLEDGED = 2_000;
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** What the process may take beyond its buffer: pages as objects, and what V8 has not collected yet. */
const CONSTANT_BYTES = 128 * 1024 * 1024;
const PROBE_EVERY_MS = 500;
const RECOVERED_WITHIN_MS = 180_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    guarantee: { type: "string", default: "at-least-once" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

await using cluster = await Cluster.start({ size: 1 });
await using simulator = await Simulator.start({
  records: RECORDS,
  pageSize: 100,
  changesPerSecond: CHANGES_PER_SECOND,
});
const port = await freePort();
await using config = await configFile({
  name: "outage",
  sell: {
    baseUrl: simulator.url,
    accessToken: "t0ken".repeat(13),
    requestsPerSecond: 100,
    pollIntervalMs: 1_000,
  },
  kafka: { brokers: cluster.brokers },
  topics: { pattern: "outage.{type}" },
  delivery: {
    guarantee: values.guarantee,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    deadLetterTopic: "outage.dead-letter",
  },
  server: { port },
  log: { level: "warn" },
});
const connector = spawn(
  process.execPath,
  ["dist/main.js", "run", "--config", config.path],
  { stdio: ["ignore", "ignore", "inherit"] },
);
const ended = once(connector, "close");
try {
  await until(() => Promise.resolve(acknowledged() >= BEFORE_ACKNOWLEDGED));
  const before = await residentBytes();
  const ackedBefore = acknowledged();
  await cluster.crash(1);
  const outage = await watched(Number(values.seconds) * 1_000);
  const ackedMeanwhile = acknowledged();
  await cluster.restart(1);
  const backMs = performance.now();
  await until(async () => (await readiness()) === 200);
  const readyAfterMs = Math.round(performance.now() - backMs);
  simulator.stopChanges();
  await until(() => Promise.resolve(pending() === 0));
  const records = await readTopicsAt(cluster.brokers, (topic) =>
    topic.startsWith("outage."),
  );
  const { lost, duplicates } = accountOf(simulator.world, records);
  const grewBytes = outage.peakBytes - before;
  const summary = {
    guarantee: values.guarantee,
    outageSeconds: Number(values.seconds),
    acknowledgedBefore: ackedBefore,
    acknowledgedMeanwhile: ackedMeanwhile - ackedBefore,
    probes: outage.probes,
    unready: outage.unready,
    residentBefore: before,
    residentPeak: outage.peakBytes,
    readyAfterMs,
    records: records.length,
    duplicates,
    lost: lost.length,
  };
  say(JSON.stringify(summary));
  const isBounded = grewBytes <= MAX_BUFFERED_BYTES + CONSTANT_BYTES;
  const isTold = outage.unready > 0 && outage.isUnreadyAtEnd;
  process.exitCode = lost.length === 0 && isBounded && isTold ? 0 : 1;
} finally {
  connector.kill("SIGKILL");
  await ended;
}

async function watched(forMs: number) {
  const untilMs = performance.now() + forMs;
  let peakBytes = 0;
  let probes = 0;
  let unready = 0;
  let status = 0;
  while (performance.now() < untilMs) {
    await delay(PROBE_EVERY_MS);
    peakBytes = Math.max(peakBytes, await residentBytes());
    status = await readiness();
    probes++;
    if (status === 503) unready++;
  }
  return { peakBytes, probes, unready, isUnreadyAtEnd: status === 503 };
}

async function readiness(): Promise<number> {
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  return status;
}

/** By the metrics of the connector itself, so that it is the same on every system. */
async function residentBytes(): Promise<number> {
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  const line = /^process_resident_memory_bytes (\S+)$/m;
  return Number(line.exec(await metrics.text())?.[1]);
}

function acknowledged(): number {
  const [device] = Object.values(simulator.state().devices);
  return device?.acknowledged ?? 0;
}

function pending(): number {
  const [device] = Object.values(simulator.state().devices);
  return device?.pending ?? -1;
}

async function until(isMet: () => Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + RECOVERED_WITHIN_MS;
  while (!(await isMet().catch(() => false))) {
    if (connector.exitCode !== null) throw new Error("the connector ended");
    if (performance.now() > lateMs) throw new Error("it does not go on");
    await delay(PROBE_EVERY_MS);
  }
}
