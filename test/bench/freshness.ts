import { setTimeout as delay } from "node:timers/promises";
import { loadRanges, readRanges } from "../../src/kafka/read/read-ranges.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { freePort } from "../../src/local/free-port.ts";
import type { Status } from "../../src/observe/status/status.ts";
import { Random } from "../../src/simulator/random.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { kafkaAt } from "../support/kafka/read-topics.ts";
import { configFile } from "../support/process/config-file.ts";
import { Program } from "../support/process/program.ts";
import { configOf, type Arena } from "./bench.ts";
import type { Row, Table } from "./table.ts";

/** How long each pattern of changes lasts. */
export interface FreshnessEffort {
  readonly liveMs: number;
  readonly bursts: number;
  readonly quietChanges: number;
}

const LATENCY_MS = 80;
const RECORDS = 10_000;
const BURST = 200;
/** Changes that are at most 5 seconds apart; bursts; single changes after a quiet time. */
const GAP_MS = { live: 5_000, bursts: 20_000, quiet: 45_000 };
const LONGEST_DEFAULT_WAIT_MS = 10_000;
/** What comes last must arrive within the longest wait of all settings. */
const LAST_CHANGES_MS = 32_000;

const settings: Readonly<Record<string, object>> = {
  defaults: {},
  "every 10 s": { minPollIntervalMs: 10_000, pollIntervalMs: 10_000 },
  "every 30 s": { minPollIntervalMs: 30_000, pollIntervalMs: 30_000 },
};

type Pattern = keyof typeof GAP_MS;

const patternNames: Readonly<Record<Pattern, string>> = {
  live: "single changes, up to 5 s apart",
  bursts: `${BURST} changes at once, each 10 to 20 s`,
  quiet: "a change after 45 s without one",
};

/** A connector that runs, and what it is asked about. */
interface Follower {
  readonly name: string;
  readonly topics: string;
  readonly status: () => Promise<Status>;
}

/** How long a change takes into Kafka, by the broker's clock, and how many requests that costs. */
export async function freshness(
  arena: Arena,
  effort: FreshnessEffort,
): Promise<Table> {
  await using simulator = await Simulator.start({
    records: RECORDS,
    latencyMs: LATENCY_MS,
  });
  await using started = new AsyncDisposableStack();
  const followers: Follower[] = [];
  for (const [name, sell] of Object.entries(settings))
    followers.push(await follow(arena, simulator.url, name, sell, started));
  const account = new Account(simulator);
  const requests = new Map<string, number>();
  for (const pattern of Object.keys(GAP_MS) as Pattern[]) {
    const before = await requestsOf(followers);
    const startedMs = performance.now();
    await account.play(pattern, effort);
    const minutes = (performance.now() - startedMs) / 60_000;
    for (const [name, count] of await requestsOf(followers))
      requests.set(
        `${name} ${pattern}`,
        (count - (before.get(name) ?? 0)) / minutes,
      );
    await delay(LAST_CHANGES_MS);
  }
  const rows: Row[] = [];
  for (const { name, topics } of followers) {
    const lags = account.lags(await arrivals(arena, topics));
    for (const [pattern, ofPattern] of lags)
      rows.push([
        `${name}: ${patternNames[pattern]}`,
        ...[0.5, 0.95, 1].map((share) => seconds(quantile(ofPattern, share))),
        (requests.get(`${name} ${pattern}`) ?? NaN).toFixed(0),
      ]);
  }
  return {
    title: `Freshness: from a change in Sell, ${LATENCY_MS} ms away, to its record in Kafka`,
    head: ["", "p50, s", "p95, s", "max, s", "requests a minute"],
    rows,
  };
}

async function follow(
  arena: Arena,
  url: string,
  name: string,
  sell: object,
  started: AsyncDisposableStack,
): Promise<Follower> {
  const topics = `freshness-${process.pid}-${Object.keys(settings).indexOf(name)}.`;
  const port = await freePort();
  const config = {
    ...configOf(
      arena,
      url,
      { requestsPerSecond: 10 },
      {
        sell,
        topics: {
          pattern: `${topics}{type}`,
          // The broker's clock tells when the record is in Kafka.
          config: { "message.timestamp.type": "LogAppendTime" },
        },
      },
    ),
    server: { port },
  };
  const file = started.use(await configFile(config));
  started.use(new Program(["run", "--config", file.path]));
  const status = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/status`);
    return (await answer.json()) as Status;
  };
  for (;;) {
    const now = await status().catch(() => null);
    if (now !== null && now.lastCompleteAtMs !== null) break;
    await delay(200);
  }
  return { name, topics, status };
}

async function requestsOf(
  followers: readonly Follower[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, status } of followers)
    counts.set(name, (await status()).totals.requests);
  return counts;
}

/** Changes contacts of the simulated account, and remembers when. */
class Account {
  readonly #simulator: Simulator;
  readonly #random = new Random(1, 6);
  readonly #contacts: readonly number[];
  readonly #changes = new Map<string, { pattern: Pattern; atMs: number }>();

  constructor(simulator: Simulator) {
    const { world } = simulator;
    this.#simulator = simulator;
    this.#contacts = Array.from(
      { length: world.size },
      (_, index) => index,
    ).filter((index) => world.state(index).type === "contact");
  }

  async play(pattern: Pattern, effort: FreshnessEffort): Promise<void> {
    const gapMs = GAP_MS[pattern];
    const wait = (shortest: number) =>
      delay(gapMs * (shortest + (1 - shortest) * this.#random.next()));
    switch (pattern) {
      case "live":
        // What ends the quiet time before is another pattern.
        this.#change("quiet", 1);
        await delay(LONGEST_DEFAULT_WAIT_MS);
        for (const endMs = performance.now() + effort.liveMs; ;) {
          await wait(0);
          if (performance.now() > endMs) return;
          this.#change(pattern, 1);
        }
      case "bursts":
        for (let burst = 0; burst < effort.bursts; burst++) {
          await wait(0.5);
          this.#change(pattern, BURST);
        }
        return;
      case "quiet":
        for (let change = 0; change < effort.quietChanges; change++) {
          await wait(1);
          this.#change(pattern, 1);
        }
    }
  }

  /** Milliseconds that each change took into Kafka. Throws when one did not arrive. */
  lags(arrived: ReadonlyMap<string, number>): Map<Pattern, number[]> {
    const lags = new Map<Pattern, number[]>();
    for (const [change, { pattern, atMs }] of this.#changes) {
      const arrivedMs = arrived.get(change);
      if (arrivedMs === undefined) throw new Error(`${change} did not arrive`);
      lags.set(pattern, [...(lags.get(pattern) ?? []), arrivedMs - atMs]);
    }
    return lags;
  }

  /** Changes some contacts. Each changes once, since a connector may never see all revisions of one. */
  #change(pattern: Pattern, count: number): void {
    const { world } = this.#simulator;
    const atMs = Date.now();
    for (let one = 0; one < count; one++) {
      const index = this.#contacts[this.#changes.size];
      if (index === undefined) throw new Error("too few contacts");
      world.update(index, atMs);
      const { id, revision } = world.state(index);
      this.#changes.set(`${id}-${revision}`, { pattern, atMs });
    }
  }
}

/** When each revision of a contact came into Kafka, by `id-revision`. */
async function arrivals(
  { brokers }: Arena,
  topics: string,
): Promise<Map<string, number>> {
  const context = { kafka: kafkaAt(brokers), clock: systemClock };
  const { signal } = new AbortController();
  const isWanted = (topic: string) => topic === `${topics}contact`;
  const ranges = await loadRanges(context, isWanted, signal);
  const found = new Map<string, number>();
  await readRanges(
    context,
    ranges,
    (records) => {
      for (const { key, headers, timestampMs } of records)
        found.set(`${key}-${String(headers?.["sell.revision"])}`, timestampMs);
    },
    signal,
  );
  return found;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
