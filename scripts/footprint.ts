// Says what a first drain takes: time, requests, bytes in Kafka, CPU and memory of the connector, for
// README.md and docs/operations.md; `--records N` for another account, `--only json|avro` for one of the two.
// It needs `npm run build` before; the simulator and Kafka run in processes of their own, or in this one.
import { parseArgs } from "node:util";
import { startLocalStack } from "../src/local/stack.ts";
import { Simulator } from "../src/simulator/server.ts";
import { topicBytesAt } from "../test/support/kafka/topic-bytes.ts";
import { configFile } from "../test/support/process/config-file.ts";
import { Program } from "../test/support/process/program.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "30000" },
    only: { type: "string" },
  },
});
const records = Number(values.records);

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
  if (values.only !== undefined && values.only !== value) continue;
  await using simulator = await Simulator.start({ records });
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
  const topics = await topicBytesAt(stack.brokers[0] ?? "");
  const kafkaBytes = [...topics]
    .filter(([topic]) => topic.startsWith(`${name}.`))
    .reduce((sum, [, bytes]) => sum + bytes, 0);
  process.stdout.write(
    `${JSON.stringify({ guarantee, value, records, requests, kafkaMB: Math.round(kafkaBytes / 1e5) / 10, seconds: Math.round(durationMs / 1_000), ...(JSON.parse(used) as object) })}\n`,
  );
}
