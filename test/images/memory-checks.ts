import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Summary } from "../../src/cli/output/summary.ts";
import type { Compose } from "./compose.ts";
import type { Engine } from "./engine.ts";
import { IMAGE } from "./names.ts";
import { eventually, expectThat, type Report } from "./report.ts";

const TOKEN = "t0ken".repeat(13);
const LISTENS_WITHIN_MS = 30_000;

/** The least memory in which each guarantee drains as many records, as the documents say. */
const drains = [
  { megabytes: 128, guarantee: "at-least-once" },
  { megabytes: 192, guarantee: "at-least-once" },
  { megabytes: 192, guarantee: "exactly-once" },
] as const;

/** Drains within memory limits, against compose's Kafka, while the health check runs beside it. */
export async function checkMemory(
  engine: Engine,
  compose: Compose,
  report: Report,
  records: number,
): Promise<void> {
  report.step("memory limits:");
  const network = await compose.inspect(
    "kafka",
    "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}",
  );
  for (const { megabytes, guarantee } of drains)
    await report.check(
      `${megabytes} MB are enough for a drain of ${records} records, ${guarantee}`,
      async () => {
        const name = `memory-${megabytes}-${guarantee}`;
        const sell = await engine.docker(
          ...["run", "--detach", "--network", network, IMAGE],
          ...["simulate", "--port", "8081", "--records", String(records)],
        );
        try {
          return await drain(engine, { sell, name, megabytes, guarantee });
        } finally {
          await engine.docker("rm", "--force", sell);
        }
      },
    );
}

interface Drain {
  /** The container of the simulator, whose network the connector shares. */
  readonly sell: string;
  readonly name: string;
  readonly megabytes: number;
  readonly guarantee: string;
}

async function drain(
  engine: Engine,
  { sell, name, megabytes, guarantee }: Drain,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-memory-"));
  const file = join(folder, "connector.config.json");
  await writeFile(
    file,
    JSON.stringify({
      name,
      // Far more than Sell takes: the memory is taken at once.
      sell: {
        baseUrl: "http://127.0.0.1:8081",
        accessToken: TOKEN,
        requestsPerSecond: 1_000,
      },
      kafka: { brokers: ["kafka:9092"] },
      topics: { pattern: "{name}.{type}" },
      delivery: { guarantee, deadLetterTopic: `${name}-dead-letter` },
      server: { port: 9464 },
    }),
  );
  await eventually(LISTENS_WITHIN_MS, async () => {
    const { stdout } = await engine.try(["logs", sell]);
    return stdout.includes("simulator at") ? null : "it does not listen";
  });
  const limit = `${megabytes}m`;
  const id = await engine.docker(
    ...["run", "--detach", "--network", `container:${sell}`],
    ...["--memory", limit, "--memory-swap", limit, "--read-only"],
    ...["--health-interval", "2s", "--volume"],
    ...[`${file}:/config/connector.config.json:ro`, IMAGE, "sync", "--json"],
  );
  try {
    const startedMs = performance.now();
    const code = await engine.docker("wait", id);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    const killed = await engine.docker(
      ...["inspect", "--format", "{{.State.OOMKilled}}", id],
    );
    const { stdout, output } = await engine.try(["logs", id]);
    expectThat(
      code === "0" && killed === "false",
      `it ended with ${code}, killed for its memory: ${killed}\n${output.slice(-600)}`,
    );
    const { acknowledged } = JSON.parse(stdout) as Summary;
    return `${acknowledged} acknowledged in ${seconds} s`;
  } finally {
    await engine.docker("rm", "--force", id);
    await rm(folder, { recursive: true, force: true });
  }
}
