import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDocument } from "../support/documents/markdown.ts";
import { must } from "./command.ts";
import type { Engine } from "./engine.ts";
import { IMAGE } from "./names.ts";
import { eventually, expectThat, type Report } from "./report.ts";
import { signalScript } from "./signal-script.ts";

/** As a cautious operator runs it; any user id will do. */
const CONFINED = [
  ["--read-only", "--cap-drop", "ALL"],
  ["--security-opt", "no-new-privileges", "--user", "1234567:0"],
].flat();

/** The check of the image, as often as the trial wants it. */
const HEALTH = ["--health-interval", "1s", "--health-start-period", "0s"];

const HEALTHY_WITHIN_MS = 60_000;
const TOKEN = "t0ken".repeat(13);

/** What is in the image, and how each command runs in it. */
export async function checkImage(
  engine: Engine,
  report: Report,
): Promise<void> {
  report.step("the image:");
  await report.check("holds no shell, npm, source map or type file", () =>
    checkContent(engine),
  );
  await report.check(
    "runs `sell-kafka` from its PATH, read-only, without rights, as any user",
    async () => {
      const run = ["run", "--rm", "--network", "none", ...CONFINED];
      await engine.docker(...run, IMAGE, "--help");
      await engine.docker(
        ...run,
        "--entrypoint",
        "sell-kafka",
        IMAGE,
        "init",
        "--help",
      );
      return engine.docker(...run, IMAGE, "--version");
    },
  );
  await report.check(
    "ends with 2 for wrong use and for a missing configuration",
    async () => {
      for (const args of [
        ["fly"],
        ["run"],
        ["sync", "--config", "/none.json"],
      ]) {
        const { code } = await engine.try([
          "run",
          "--rm",
          ...CONFINED,
          IMAGE,
          ...args,
        ]);
        expectThat(code === 2, `${args.join(" ")} ended with ${String(code)}`);
      }
      return undefined;
    },
  );
  await checkHeap(engine, report);
  await checkHealth(engine, report);
}

async function checkContent(engine: Engine): Promise<string> {
  const id = await engine.docker("create", IMAGE);
  try {
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-image-"));
    try {
      const tar = join(folder, "image.tar");
      await engine.docker("export", "--output", tar, id);
      const files = (await must(["tar", "--list", "--file", tar])).split("\n");
      const unwanted = files.filter((file) =>
        /(^|\/)(sh|bash|npm|npx|apt)$|node_modules\/npm\/|\.map$|\.[cm]?ts$/.test(
          file,
        ),
      );
      expectThat(
        unwanted.length === 0,
        `it holds ${unwanted.slice(0, 5).join(", ")}`,
      );
      const bytes = Number(
        await engine.docker("image", "inspect", "--format", "{{.Size}}", IMAGE),
      );
      return `${Math.round(bytes / 1e6)} MB, ${files.length} files`;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await engine.docker("rm", id);
  }
}

async function checkHeap(engine: Engine, report: Report): Promise<void> {
  const program =
    "process.stdout.write(String(require('v8').getHeapStatistics().heap_size_limit / 2 ** 20))";
  await report.check(
    "takes a heap that follows the container's limit",
    async () => {
      const limits = [128, 192, 512, 1_024];
      const heaps: string[] = [];
      const [, share = ""] =
        /percentage=(\d+)/.exec(readDocument("scripts/image-root.sh")) ?? [];
      for (const limit of limits) {
        const heap = Number(
          await engine.docker(
            ...["run", "--rm", "--memory", `${limit}m`, "--entrypoint", "node"],
            ...[
              IMAGE,
              `--max-old-space-size-percentage=${share}`,
              "-e",
              program,
            ],
          ),
        );
        expectThat(heap < limit * 0.6, `${heap} MB of ${limit} MB`);
        heaps.push(`${heap} of ${limit}`);
      }
      return `${heaps.join(", ")} MB`;
    },
  );
}

/** Commands that run on and on, with the configuration of each; the folder of `run` is /config. */
const longRunning: Readonly<
  Record<string, { readonly args: string[]; readonly server: object | null }>
> = {
  "run with a file": { args: ["run"], server: { port: 9464 } },
  "run with another file": {
    args: ["run", "--config", "/config/connector.config.json"],
    server: { host: "0.0.0.0", port: 9000 },
  },
  "run without `server`": { args: ["run"], server: null },
  "run with a folder": {
    args: ["run", "--config", "/config"],
    server: { port: 9464 },
  },
  simulate: { args: ["simulate", "--port", "8081"], server: null },
  demo: { args: ["demo", "--for", "600"], server: null },
};

async function checkHealth(engine: Engine, report: Report): Promise<void> {
  for (const [name, { args, server }] of Object.entries(longRunning))
    await report.check(
      `${name}: is healthy, and ends with 0 on SIGTERM`,
      async () => {
        await using container = await start(engine, args, server);
        await eventually(HEALTHY_WITHIN_MS, container.notHealthy);
        await engine.docker("stop", "--time", "45", container.id);
        const code = await container.inspect("{{.State.ExitCode}}");
        expectThat(code === "0", `it ended with ${code}`);
        return undefined;
      },
    );
  await report.check("a process that hangs is unhealthy", async () => {
    const { args, server } = longRunning["run with a file"] ?? {
      args: [],
      server: null,
    };
    await using container = await start(engine, args, server);
    await eventually(HEALTHY_WITHIN_MS, async () => {
      // Before it listens, it is healthy while it runs.
      const { output } = await engine.try(["logs", container.id]);
      const listens = output.includes("serving metrics");
      return listens ? container.notHealthy() : "it does not listen";
    });
    const stop = signalScript("SIGSTOP");
    await engine.docker("exec", container.id, "node", "-e", stop);
    await eventually(HEALTHY_WITHIN_MS, async () => {
      const status = await container.inspect("{{.State.Health.Status}}");
      return status === "unhealthy" ? null : `it is ${status}`;
    });
    return undefined;
  });
}

interface Container extends AsyncDisposable {
  readonly id: string;
  readonly inspect: (format: string) => Promise<string>;
  readonly notHealthy: () => Promise<string | null>;
}

/** Starts the image with a configuration whose Sell and Kafka can't be reached. */
async function start(
  engine: Engine,
  args: readonly string[],
  server: object | null,
): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-config-"));
  const config = {
    name: "trial",
    sell: { baseUrl: "http://127.0.0.1:1", accessToken: "${env:TOKEN}" },
    kafka: { brokers: ["127.0.0.1:1"] },
    ...(server && { server }),
  };
  const file = join(folder, "connector.config.json");
  await writeFile(file, JSON.stringify(config));
  const id = await engine.docker(
    ...["run", "--detach", "--init", ...CONFINED, ...HEALTH],
    ...[
      "--env",
      `TOKEN=${TOKEN}`,
      "--volume",
      `${file}:/config/connector.config.json:ro`,
    ],
    ...[IMAGE, ...args],
  );
  const inspect = (format: string) =>
    engine.docker("inspect", "--format", format, id);
  return {
    id,
    inspect,
    notHealthy: async () => {
      const status = await inspect(
        "{{.State.Status}} {{.State.Health.Status}}",
      );
      if (status === "running healthy") return null;
      const log = await inspect("{{json .State.Health.Log}}");
      const { output } = await engine.try(["logs", "--tail", "3", id]);
      return `it is ${status}: ${log.slice(-300)}\n${output.slice(-500)}`;
    },
    async [Symbol.asyncDispose]() {
      await engine.docker("rm", "--force", id);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
