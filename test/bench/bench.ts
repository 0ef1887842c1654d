import { runPython } from "../support/python/python.ts";
import { configFile } from "../support/process/config-file.ts";
import { runGoLoop, type GoUsage } from "./go-loop.ts";
import { measured, type Ran, type Usage } from "./measured.ts";
import type { SellServer } from "./sell-server.ts";

/** The servers that all contenders share. */
export interface Arena {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** The folder of the official client's packages; null without Python. */
  readonly python: string | null;
  /** The loop in Go; null without Go. */
  readonly goLoop: string | null;
}

/** How one drain went. */
export interface Drained {
  readonly records: number;
  readonly elapsedMs: number;
  readonly mostInASecond: number;
  /** These are null when they are not known. */
  readonly cpuMs: number | null;
  readonly peakRss: number | null;
  readonly usage: Usage | null;
}

export interface Distance {
  readonly latencyMs: number;
  readonly requestsPerSecond: number;
}

/** One way to bring an account's records to where they should be. */
export interface Contender {
  readonly name: string;
  drain(arena: Arena, sell: SellServer, far: Distance): Promise<Drained>;
}

export const fetchFloor: Contender = {
  name: "fetch only",
  drain: (_, sell, far) =>
    drainedBy(sell, far, () =>
      measured([
        contender("fetch-floor.ts"),
        sell.url,
        String(far.requestsPerSecond),
      ]),
    ),
};

export const nodeLoop: Contender = {
  name: "loop in Node.js",
  drain: ({ brokers }, sell, far) =>
    drainedBy(sell, far, () =>
      measured([
        contender("node-loop.ts"),
        sell.url,
        String(far.requestsPerSecond),
        brokers.join(),
      ]),
    ),
};

export const goLoop: Contender = {
  name: "loop in Go",
  async drain({ brokers, goLoop: file }, sell, far) {
    let took: GoUsage | null = null;
    const drained = await drainedBy(sell, far, async () => {
      took = await runGoLoop(file ?? "", [sell.url, brokers.join()]);
      return null;
    });
    return { ...drained, ...(took as GoUsage | null) };
  },
};

export const officialClient: Contender = {
  name: "loop of the official Python client",
  drain: ({ brokers, python }, sell, far) =>
    drainedBy(sell, far, async () => {
      await runPython(
        python ?? "",
        "test/bench/contenders/official_client.py",
        [sell.url, String(far.requestsPerSecond), brokers.join()],
      );
      return null;
    }),
};

export const sendBatch: Contender = {
  name: "kafkajs sendBatch alone",
  async drain({ brokers }, sell) {
    await sell.reset(0);
    const { stdout } = await measured([
      contender("send-batch.ts"),
      sell.url,
      brokers.join(),
    ]);
    const made = JSON.parse(stdout) as Pick<
      Drained,
      "records" | "elapsedMs" | "cpuMs"
    >;
    return { ...made, mostInASecond: 0, peakRss: null, usage: null };
  },
};

let runs = 0;

/** sell-kafka's `sync`, as a connector that has never run before. */
export function sellKafka(
  name: string,
  overrides: Readonly<Record<string, object>> = {},
  env: Readonly<Record<string, string>> = {},
): Contender {
  return {
    name,
    drain: (arena, sell, far) =>
      drainedBy(sell, far, async () => {
        await using config = await configFile(
          configOf(arena, sell.url, far, overrides),
        );
        const args = ["dist/main.js", "sync", "--config", config.path];
        return await measured(args, null, env);
      }),
  };
}

export function configOf(
  { brokers, registryUrl }: Arena,
  baseUrl: string,
  { requestsPerSecond }: Pick<Distance, "requestsPerSecond">,
  overrides: Readonly<Record<string, object>> = {},
): object {
  return {
    name: `bench-${process.pid}-${++runs}`,
    sell: {
      baseUrl,
      accessToken: "t0ken".repeat(13),
      requestsPerSecond,
      ...overrides["sell"],
    },
    kafka: { brokers, ...overrides["kafka"] },
    topics: { pattern: "bench.{type}", ...overrides["topics"] },
    format: { ...overrides["format"] },
    delivery: { ...overrides["delivery"] },
    schemaRegistry: { url: registryUrl },
    log: { level: "warn" },
  };
}

async function drainedBy(
  sell: SellServer,
  { latencyMs }: Distance,
  run: () => Promise<Ran | null>,
): Promise<Drained> {
  await sell.reset(latencyMs);
  const ran = await run();
  const { acknowledged, elapsedMs, mostInASecond, pages } = await sell.counts();
  return {
    records: acknowledged > 0 ? acknowledged : pages * 100,
    elapsedMs,
    mostInASecond,
    cpuMs: ran?.usage.samples.at(-1)?.cpuMs ?? null,
    peakRss: ran?.usage.peakRss ?? null,
    usage: ran?.usage ?? null,
  };
}

function contender(file: string): string {
  return new URL(`./contenders/${file}`, import.meta.url).pathname;
}
