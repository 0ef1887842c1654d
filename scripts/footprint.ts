// Says what a first drain takes: time, requests, CPU and memory of the connector, for docs/operations.md.
// It needs `npm run build` before; the simulator and Kafka run in processes of their own, or in this one.
import { startLocalStack } from "../src/local/stack.ts";
import { Simulator } from "../src/simulator/server.ts";
import { configFile } from "../test/support/process/config-file.ts";
import { Program } from "../test/support/process/program.ts";

const RECORDS = 30_000;

/** Has the connector print its own usage when it ends. */
const usage = `data:text/javascript,${encodeURIComponent(
  `process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    console.error("usage", JSON.stringify({
      cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1e5) / 10,
      peakMiB: Math.round(maxRSS / 1024),
    }));
  });`,
)}`;

const say = (line: string) => process.stderr.write(`${line}\n`);
const { env } = process;
await using stack = await startLocalStack({ env, withRegistry: true, say });

for (const { guarantee, value } of [
  { guarantee: "at-least-once", value: "json" },
  { guarantee: "exactly-once", value: "avro" },
]) {
  await using simulator = await Simulator.start({ records: RECORDS });
  const name = `footprint-${value}-${Date.now()}`;
  await using config = await configFile({
    name,
    sell: { baseUrl: simulator.url, accessToken: "t".repeat(64) },
    kafka: { brokers: stack.brokers },
    topics: { pattern: "{name}.{type}" },
    format: { value },
    delivery: { guarantee, deadLetterTopic: `${name}-dead-letter` },
    ...(value === "avro" && { schemaRegistry: { url: stack.registryUrl } }),
  });
  await using program = new Program(
    ["sync", "--json", "--config", config.path],
    { nodeArgs: ["--import", usage] },
  );
  await program.ended;
  const { requests, durationMs } = JSON.parse(program.stdout) as {
    requests: number;
    durationMs: number;
  };
  const [, used = "{}"] = /^usage (.*)$/m.exec(program.stderr) ?? [];
  process.stdout.write(
    `${JSON.stringify({ guarantee, value, records: RECORDS, requests, seconds: Math.round(durationMs / 1_000), ...(JSON.parse(used) as object) })}\n`,
  );
}
