import { setTimeout as delay } from "node:timers/promises";
import {
  valueFormatNames,
  type ValueFormatName,
} from "../../src/format/names.ts";
import {
  registeredFormatNames,
  valueFormats,
} from "../../src/format/value-formats.ts";
import { measured, type Usage } from "./measured.ts";
import {
  configOf,
  fetchFloor,
  goLoop,
  nodeLoop,
  officialClient,
  sellKafka,
  sendBatch,
  type Arena,
  type Contender,
  type Distance,
  type Drained,
} from "./bench.ts";
import { costs } from "./costs.ts";
import { freshness, type FreshnessEffort } from "./freshness.ts";
import { configFile } from "../support/process/config-file.ts";
import { Program } from "../support/process/program.ts";
import { SellServer } from "./sell-server.ts";
import type { Row, Table } from "./table.ts";

export interface Effort {
  readonly rounds: number;
  /** Records of a drain under Sell's rate. */
  readonly pacedRecords: number;
  /** The same for contenders that take page after page, whose pace is even from the first. */
  readonly loopRecords: number;
  /** Records of a drain without limits. */
  readonly unlimitedRecords: number;
  /** The same for the slow loops. */
  readonly unlimitedLoopRecords: number;
  readonly largeBacklog: number;
  readonly idleMs: number;
  readonly freshness: FreshnessEffort;
}

export const fullEffort: Effort = {
  rounds: 3,
  pacedRecords: 18_000,
  loopRecords: 4_000,
  unlimitedRecords: 500_000,
  unlimitedLoopRecords: 60_000,
  largeBacklog: 1_000_000,
  idleMs: 30_000,
  freshness: { liveMs: 180_000, bursts: 8, quietChanges: 5 },
};

export const quickEffort: Effort = {
  rounds: 1,
  pacedRecords: 6_000,
  loopRecords: 2_000,
  unlimitedRecords: 40_000,
  unlimitedLoopRecords: 20_000,
  largeBacklog: 200_000,
  idleMs: 20_000,
  freshness: { liveMs: 60_000, bursts: 2, quietChanges: 1 },
};

export type Profile = (arena: Arena, effort: Effort) => Promise<Table>;

const exactlyOnce = { delivery: { guarantee: "exactly-once" } };
const avro = {
  format: { value: "avro" },
  topics: { pattern: "bench-avro.{type}" },
};

const json = sellKafka("sell-kafka");
const unlimitedContenders = [
  goLoop,
  sendBatch,
  officialClient,
  nodeLoop,
  json,
  sellKafka("sell-kafka, exactly-once", exactlyOnce),
  sellKafka("sell-kafka, Avro", avro),
  sellKafka("sell-kafka, Avro, exactly-once", { ...avro, ...exactlyOnce }),
];
const pacedContenders = [
  fetchFloor,
  officialClient,
  nodeLoop,
  json,
  sellKafka("sell-kafka, packs of 500", { sell: { maxAckBatchSize: 500 } }),
  sellKafka("sell-kafka, exactly-once", exactlyOnce),
];

export const profiles: Readonly<Record<string, Profile>> = {
  near: (arena, effort) =>
    paced("Near: Sell 80 ms away, 10 requests a second", 80, arena, effort),
  far: (arena, effort) =>
    paced("Far: Sell 250 ms away, 10 requests a second", 250, arena, effort),
  freshness: (arena, effort) => freshness(arena, effort.freshness),
  unlimited,
  formats,
  memory,
  audit,
  idle,
  start,
  costs,
};

async function paced(
  title: string,
  latencyMs: number,
  arena: Arena,
  { rounds, pacedRecords, loopRecords }: Effort,
): Promise<Table> {
  const far = { latencyMs, requestsPerSecond: 10 };
  const loops: readonly Contender[] = [officialClient, nodeLoop];
  const runs = await interleaved(pacedContenders, rounds, (contender) =>
    drain(
      contender,
      arena,
      loops.includes(contender) ? loopRecords : pacedRecords,
      far,
    ),
  );
  const speed = speedsOf(runs);
  const floor = speed.get(fetchFloor) ?? NaN;
  const client = speed.get(officialClient) ?? NaN;
  return {
    title: `${title}; ${count(pacedRecords)} records (${count(loopRecords)} for the loops), median of ${rounds}`,
    head: [
      "",
      "events/s",
      "of fetching only",
      "as fast as the official client",
      "most requests in a second",
    ],
    rows: [...runs].map(([contender, drains]): Row => {
      const own = speed.get(contender) ?? NaN;
      const most = Math.max(...drains.map((one) => one.mostInASecond));
      return [
        contender.name,
        count(Math.round(own)),
        (own / floor).toFixed(2),
        (own / client).toFixed(2),
        String(most),
      ];
    }),
  };
}

async function unlimited(
  arena: Arena,
  { rounds, unlimitedRecords, unlimitedLoopRecords }: Effort,
): Promise<Table> {
  const far = { latencyMs: 0, requestsPerSecond: 1_000_000 };
  const contenders = unlimitedContenders.filter(
    (contender) => contender !== goLoop || arena.goLoop !== null,
  );
  const loops: readonly Contender[] = [officialClient, nodeLoop];
  const runs = await interleaved(contenders, rounds, (contender) =>
    drain(
      contender,
      arena,
      loops.includes(contender) ? unlimitedLoopRecords : unlimitedRecords,
      far,
    ),
  );
  const speed = speedsOf(runs);
  const against = (other: Contender, own: number) => {
    const ratio = own / (speed.get(other) ?? NaN);
    return Number.isNaN(ratio) ? "" : ratio.toFixed(2);
  };
  return {
    title: `Without limit or latency; ${count(unlimitedRecords)} records (${count(unlimitedLoopRecords)} for the loops in Python and Node.js), gzip, median of ${rounds}`,
    head: [
      "",
      "events/s",
      "of the loop in Go",
      "of sendBatch alone",
      "of sell-kafka (JSON, at-least-once)",
      "CPU µs per event",
      "peak RSS, MB",
    ],
    rows: [...runs].map(([contender, drains]): Row => {
      const own = speed.get(contender) ?? NaN;
      const known = (figure: (one: Drained) => number | null) => {
        const value = median(drains.map((one) => figure(one) ?? NaN));
        return Number.isNaN(value) ? "" : value.toFixed(0);
      };
      return [
        contender.name,
        count(Math.round(own / 100) * 100),
        against(goLoop, own),
        against(sendBatch, own),
        against(json, own),
        known(({ cpuMs, records }) => cpuMs && (cpuMs / records) * 1_000),
        known(({ peakRss }) => peakRss && peakRss / 1e6),
      ];
    }),
  };
}

/** The value formats, nested, and those with schemas in columns. */
const layouts = [
  ...valueFormatNames.map((value) => ({ value, layout: "nested" as const })),
  ...registeredFormatNames.map((value) => ({
    value,
    layout: "columns" as const,
  })),
];

/** The same drain in each value format and layout, one after the other in each round. */
async function formats(
  arena: Arena,
  { rounds, unlimitedRecords }: Effort,
): Promise<Table> {
  const contenders = layouts.map(({ value, layout }) => {
    const isNested = layout === "nested";
    const name = `${valueFormats[value].title}${isNested ? "" : ", columns"}`;
    const topic = isNested ? `bench-${value}` : `bench-${value}-columns`;
    return sellKafka(name, {
      format: { value, layout },
      topics: { pattern: `${topic}.{type}` },
    });
  });
  const far = { latencyMs: 0, requestsPerSecond: 1_000_000 };
  const runs = await interleaved(contenders, rounds, (one) =>
    drain(one, arena, unlimitedRecords, far),
  );
  const speed = speedsOf(runs);
  const speedOf = (wanted: ValueFormatName) => {
    const at = layouts.findIndex(({ value }) => value === wanted);
    const contender = contenders[at];
    return contender === undefined ? NaN : (speed.get(contender) ?? NaN);
  };
  const [ofJson, ofAvro] = [speedOf("json"), speedOf("avro")];
  return {
    title: `The value formats: ${count(unlimitedRecords)} records without limit or latency, gzip, median of ${rounds}`,
    head: ["", "events/s", "of JSON", "of Avro", "CPU µs per event"],
    rows: [...runs].map(([contender, drains]): Row => {
      const events = speed.get(contender) ?? NaN;
      const cpuMs = median(
        drains.map((one) => (one.cpuMs ?? NaN) / one.records),
      );
      return [
        contender.name,
        count(Math.round(events / 100) * 100),
        (events / ofJson).toFixed(2),
        (events / ofAvro).toFixed(2),
        (cpuMs * 1_000).toFixed(0),
      ];
    }),
  };
}

async function memory(arena: Arena, { largeBacklog }: Effort): Promise<Table> {
  using sell = await SellServer.start(largeBacklog);
  const rows: Row[] = [];
  const inImage = { MALLOC_ARENA_MAX: "1" };
  for (const contender of [
    sellKafka("sell-kafka"),
    sellKafka("sell-kafka, MALLOC_ARENA_MAX=1 as in the image", {}, inImage),
    sellKafka("sell-kafka, exactly-once", exactlyOnce),
  ]) {
    const over = new AbortController();
    const quarterMs = momentOf(sell, largeBacklog / 4, over.signal);
    const { elapsedMs, usage } = await contender.drain(arena, sell, {
      latencyMs: 0,
      requestsPerSecond: 1_000_000,
    });
    over.abort();
    const samples = usage?.samples ?? [];
    const quarter = rssAround(samples, await quarterMs);
    const end = rssAround(samples, samples.at(-1)?.atMs ?? NaN);
    rows.push([
      contender.name,
      count(Math.round((largeBacklog / elapsedMs) * 10) * 100),
      megabytes(usage?.peakRss ?? NaN),
      megabytes(quarter),
      megabytes(end),
      `${((end / quarter - 1) * 100).toFixed(0)} %`,
    ]);
  }
  return {
    title: `Memory: ${count(largeBacklog)} records`,
    head: [
      "",
      "events/s",
      "peak RSS, MB",
      "RSS after a quarter of them, MB",
      "at the end, MB",
      "growth",
    ],
    rows,
  };
}

/** `audit` of a large account, after a drain of it into topics of its own. */
async function audit(arena: Arena, { largeBacklog }: Effort): Promise<Table> {
  using sell = await SellServer.start(largeBacklog);
  const unlimited = { requestsPerSecond: 1_000_000 };
  await using config = await configFile(
    configOf(arena, sell.url, unlimited, {
      topics: { pattern: `bench-audit-${process.pid}.{type}` },
    }),
  );
  const run = async (...command: string[]) => {
    await sell.reset(0);
    return measured(["dist/main.js", ...command, "--config", config.path]);
  };
  await run("sync");
  const { usage, wallMs, stdout } = await run(
    ...["audit", "--json", "--requests-per-second", "1000000"],
  );
  const { result } = JSON.parse(stdout) as { readonly result: string };
  return {
    title: `Audit of ${count(largeBacklog)} records`,
    head: ["", "result", "seconds", "CPU, s", "peak RSS, MB"],
    rows: [
      [
        "sell-kafka audit",
        result,
        (wallMs / 1_000).toFixed(0),
        ((usage.samples.at(-1)?.cpuMs ?? NaN) / 1_000).toFixed(0),
        megabytes(usage.peakRss),
      ],
    ],
  };
}

/** When so many records of a drain that starts now are acknowledged, in milliseconds from now; NaN when it never comes to that. */
async function momentOf(
  sell: SellServer,
  records: number,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  while (!signal.aborted) {
    await delay(250);
    const { acknowledged } = await sell.counts();
    if (acknowledged >= records) return performance.now() - startedMs;
  }
  return NaN;
}

function simulate(records: number): string[] {
  return ["simulate", "--port", "0", "--records", String(records)];
}

/** `run` while Sell has nothing new. */
async function idle(arena: Arena, { idleMs }: Effort): Promise<Table> {
  const settleMs = 5_000;
  await using simulator = new Program(simulate(0));
  const url = await addressOf(simulator);
  const rows: Row[] = [];
  for (const [name, overrides] of [
    ["sell-kafka run", {}],
    ["sell-kafka run, exactly-once", exactlyOnce],
    ["sell-kafka run, with its server", { server: { port: 0 } }],
  ] as const) {
    const config = {
      ...configOf(arena, url, { requestsPerSecond: 10 }, overrides),
      ...("server" in overrides && { server: overrides.server }),
    };
    await using file = await configFile(config);
    const { usage } = await measured(
      ["dist/main.js", "run", "--config", file.path],
      settleMs + idleMs,
    );
    const settled = usage.samples.filter(({ atMs }) => atMs >= settleMs);
    const [first, last] = [settled[0], settled.at(-2)];
    const share =
      ((last?.cpuMs ?? NaN) - (first?.cpuMs ?? NaN)) /
      ((last?.atMs ?? NaN) - (first?.atMs ?? NaN));
    rows.push([
      name,
      `${(share * 100).toFixed(1)} %`,
      megabytes(last?.rss ?? NaN),
    ]);
  }
  return {
    title: `Idle for ${idleMs / 1_000} seconds, asking Sell every 10`,
    head: ["", "of a core", "RSS, MB"],
    rows,
  };
}

/** `sync` on an empty queue, from the start of the process to its end. */
async function start(arena: Arena, { rounds }: Effort): Promise<Table> {
  const times = 2 * rounds + 1;
  await using simulator = new Program(simulate(0));
  const url = await addressOf(simulator);
  const rows: Row[] = [];
  for (const [name, overrides] of [
    ["sell-kafka sync", {}],
    ["sell-kafka sync, exactly-once", exactlyOnce],
  ] as const) {
    const wallMs: number[] = [];
    for (let time = 0; time < times; time++) {
      await using config = await configFile(
        configOf(arena, url, { requestsPerSecond: 10 }, overrides),
      );
      const ran = await measured([
        ...["dist/main.js", "sync", "--config", config.path],
      ]);
      wallMs.push(ran.wallMs);
    }
    rows.push([name, (median(wallMs) / 1_000).toFixed(2)]);
  }
  return {
    title: `Start: sync on an empty queue, median of ${times}`,
    head: ["", "seconds"],
    rows,
  };
}

const servers = new Map<number, SellServer>();

async function drain(
  contender: Contender,
  arena: Arena,
  records: number,
  far: Distance,
): Promise<Drained> {
  let sell = servers.get(records);
  if (sell === undefined) {
    sell = await SellServer.start(records);
    servers.set(records, sell);
    // Topics are made, and the servers warm up.
    await json.drain(arena, sell, { latencyMs: 0, requestsPerSecond: 1e6 });
  }
  const drained = await contender.drain(arena, sell, far);
  if (drained.records < records)
    throw new Error(`${contender.name} left records behind`);
  return drained;
}

/** Ends the servers that profiles have shared. */
export function endServers(): void {
  for (const server of servers.values()) server[Symbol.dispose]();
}

/** Each round runs every contender once, so that what else the machine does meets them all. */
async function interleaved<C, R>(
  contenders: readonly C[],
  rounds: number,
  run: (contender: C) => Promise<R>,
): Promise<Map<C, R[]>> {
  const runs = new Map<C, R[]>(contenders.map((one) => [one, []]));
  for (let round = 0; round < rounds; round++)
    for (const [contender, results] of runs) results.push(await run(contender));
  return runs;
}

/** Events a second: the median of each contender's rounds. */
function speedsOf(
  runs: ReadonlyMap<Contender, readonly Drained[]>,
): Map<Contender, number> {
  return new Map(
    [...runs].map(([contender, drains]) => [
      contender,
      median(
        drains.map(({ records, elapsedMs }) => (records / elapsedMs) * 1_000),
      ),
    ]),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** The median of the 5 % of a process's time that lie around a moment. */
function rssAround(samples: Usage["samples"], momentMs: number): number {
  const spanMs = (samples.at(-1)?.atMs ?? NaN) / 40;
  return median(
    samples
      .filter(({ atMs }) => Math.abs(atMs - momentMs) <= spanMs)
      .map(({ rss }) => rss),
  );
}

async function addressOf(simulator: Program): Promise<string> {
  await simulator.says("end it with");
  return /http:\S+\d/.exec(simulator.stdout)?.[0] ?? "";
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
