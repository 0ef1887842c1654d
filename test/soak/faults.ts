// Has the built connector drain 5,000 records from a Sell with one fault alone, at every fifth
// request that it can befall, one fault after the other; then looks for each record in Kafka.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { Summary } from "../../src/cli/output/summary.ts";
import { denials, faultNames, type Fault } from "../../src/simulator/faults.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { Cluster } from "../support/kafka/cluster.ts";
import { configFile } from "../support/process/config-file.ts";
import { readTopicsAt } from "../support/kafka/read-topics.ts";

const RECORDS = 5_000;
const PROBABILITY = 0.2;

const { values } = parseArgs({
  options: {
    guarantee: { type: "string", default: "at-least-once" },
    seed: { type: "string", default: "1" },
    /** One alone. */
    fault: { type: "string" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

await using cluster = await Cluster.start({ size: 1 });
let failures = 0;
const isExactlyOnce = values.guarantee === "exactly-once";
// A drain rightly ends at a denial.
const wanted = faultNames
  .filter((name) => !denials.includes(name))
  .filter((name) => name === (values.fault ?? name));
for (const fault of wanted) {
  const startedMs = performance.now();
  const { code, summary, times, missing, repeated } = await drained(fault);
  const isOnce = repeated === 0 || !isExactlyOnce;
  const isSound = code === 0 && missing === 0 && times > 0 && isOnce;
  if (!isSound) failures++;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  say(
    `${isSound ? "ok    " : "FAILED"} ${fault.padEnd(15)} ${seconds.padStart(5)} s, ${times} times, exit ${code}, ${missing} missing, ${repeated} twice, ${summary.requests} requests, ${summary.sessions} sessions`,
  );
}
process.exitCode = wanted.length > 0 && failures === 0 ? 0 : 1;

async function drained(fault: Fault) {
  await using simulator = await Simulator.start({
    records: RECORDS,
    seed: Number(values.seed),
    faults: { [fault]: PROBABILITY },
  });
  const name = `faults-${fault}`;
  await using config = await configFile({
    name,
    sell: {
      baseUrl: simulator.url,
      accessToken: "t0ken".repeat(13),
      requestsPerSecond: 1_000,
      requestTimeoutMs: fault === "slow" ? 900 : 20_000,
      pollIntervalMs: 1_000,
    },
    kafka: { brokers: cluster.brokers },
    topics: { pattern: "{name}.{type}", partitions: 1 },
    delivery: { guarantee: values.guarantee },
    log: { level: "error" },
  });
  const connector = spawn(
    process.execPath,
    ["dist/main.js", "sync", "--json", "--config", config.path],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [stdout, [code]] = await Promise.all([
    text(connector.stdout),
    once(connector, "close") as Promise<[number | null]>,
  ]);
  const records = await readTopicsAt(cluster.brokers, (topic) =>
    topic.startsWith(`${name}.`),
  );
  const places = new Set(records.map(({ topic, key }) => `${topic}/${key}`));
  return {
    code,
    summary: JSON.parse(stdout || "{}") as Summary,
    times: simulator.state().faults[fault] ?? 0,
    missing: RECORDS - places.size,
    repeated: records.length - places.size,
  };
}
