// Kills the built connector `--kills` times, and tells how far it is and what it found.
import { parseArgs } from "node:util";
import { Cluster } from "../support/kafka/cluster.ts";
import { KafkaGate } from "./kafka-gate.ts";
import { guarantees } from "./phases.ts";
import { Progress } from "./progress.ts";
import { soak } from "./soak.ts";
import { Watch } from "./watch.ts";

const CRASH_EVERY = 15;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    guarantee: { type: "string", default: "at-least-once" },
    brokers: { type: "string", default: "1" },
  },
});
const guarantee = guarantees.find((known) => known === values.guarantee);
if (guarantee === undefined)
  throw new Error(`no guarantee ${values.guarantee}`);
const size = values.brokers === "3" ? 3 : 1;
const seed = Number(values.seed);
const kills = Number(values.kills);
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`seed ${seed}, ${guarantee}, ${size} broker(s), ${kills} kills`);
const watch = new Watch();
await using gate = new KafkaGate(watch.meets);
await using cluster = await Cluster.start({
  size,
  before: (port) => gate.before(port),
});
const progress = new Progress(process.stdout, kills);
const report = await soak({
  cluster,
  size,
  watch,
  guarantee,
  kills,
  crashEvery: CRASH_EVERY,
  seed,
  killed: (phase) => {
    progress.killed(phase.name);
  },
});
progress.end();
const { lost, violations, ...counts } = report;
for (const [phase, count] of Object.entries(report.kills))
  say(`  ${String(count).padStart(4)} kills: ${phase}`);
for (const [fault, count] of Object.entries(report.faults))
  say(`  ${String(count).padStart(4)} faults of Sell: ${fault}`);
say(JSON.stringify({ ...counts, kills, lost: lost.length }));
for (const one of lost.slice(0, 20)) say(`  lost: ${one}`);
for (const [rule, count] of Object.entries(violations))
  say(`  against the protocol: ${rule} (${count})`);
const isRepeated = guarantee === "exactly-once" && report.duplicates > 0;
process.exitCode = lost.length > 0 || isRepeated ? 1 : 0;
