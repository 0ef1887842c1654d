// Writes docs/images/status-*.png: the status page of a connector in four situations, each a real one.
import { mkdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { freePort } from "../src/local/free-port.ts";
import { startLocalStack } from "../src/local/stack.ts";
import { Simulator, type SimulatorOptions } from "../src/simulator/server.ts";
import { startBrowser } from "../test/support/browser/browser.ts";
import { prepareChromium } from "../test/support/browser/chromium.ts";
import { sellKafka } from "../test/support/process/command.ts";
import { configFile } from "../test/support/process/config-file.ts";

const folder = new URL("../docs/images/", import.meta.url);
const say = (line: string) => process.stderr.write(`${line}\n`);

interface Situation {
  readonly name: string;
  readonly headline: string;
  /** How long the page is watched before the picture is taken, so that its charts have something to show. */
  readonly seconds: number;
  readonly colorScheme: "light" | "dark";
  readonly width: number;
  readonly sell: Partial<SimulatorOptions>;
  /** Ends Kafka after so many seconds. */
  readonly kafkaEndsAfter?: number;
}

const desktop = { width: 1_000, colorScheme: "light" } as const;
const situations: readonly Situation[] = [
  {
    ...desktop,
    name: "idle",
    headline: "Up to date",
    seconds: 100,
    sell: { records: 3_000, changesPerSecond: 12 },
  },
  {
    ...desktop,
    name: "draining",
    headline: "Catching up with Sell",
    seconds: 25,
    colorScheme: "dark",
    sell: { records: 60_000 },
  },
  {
    ...desktop,
    name: "throttled",
    headline: "Sell asks for fewer requests",
    seconds: 40,
    sell: { records: 60_000, faults: { "429": 0.25 } },
  },
  {
    ...desktop,
    name: "kafka-away",
    headline: "Kafka can't be reached",
    seconds: 75,
    colorScheme: "dark",
    sell: { records: 2_000, changesPerSecond: 20 },
    kafkaEndsAfter: 45,
  },
  {
    name: "phone",
    headline: "Catching up with Sell",
    seconds: 25,
    colorScheme: "dark",
    width: 390,
    sell: { records: 60_000 },
  },
];

async function take(situation: Situation, browser: Browser): Promise<void> {
  const { name, headline, seconds, sell, width, colorScheme } = situation;
  const { env } = process;
  await using simulator = await Simulator.start(sell);
  await using stack = await startLocalStack({ env, withRegistry: false, say });
  const port = await freePort();
  await using file = await configFile({
    name: "sell",
    sell: {
      baseUrl: simulator.url,
      accessToken: "t0ken".repeat(13),
      pollIntervalMs: 5_000,
    },
    kafka: { brokers: stack.brokers },
    server: { port },
  });
  const stopping = new AbortController();
  const ended = sellKafka(["run", "--config", file.path], {
    stopping: stopping.signal,
  });
  const viewport = { width, height: width < 500 ? 844 : 790 };
  const context = await browser.newContext({ colorScheme, viewport });
  const page = await context.newPage();
  const url = `http://127.0.0.1:${port}/`;
  while (!(await answers(url)));
  await page.goto(url);
  const startedMs = performance.now();
  if (situation.kafkaEndsAfter !== undefined) {
    await delay(situation.kafkaEndsAfter * 1_000);
    await stack[Symbol.asyncDispose]();
  }
  await delay(seconds * 1_000 - (performance.now() - startedMs));
  await page
    .locator("#headline", { hasText: headline })
    .waitFor({ timeout: 60_000 });
  const path = new URL(`status-${name}.png`, folder).pathname;
  await page.screenshot({ path });
  say(`wrote ${path}`);
  await context.close();
  stopping.abort(new Error("the picture is taken"));
  await ended;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    await delay(50);
    return false;
  }
}

mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
const browser = await startBrowser(await prepareChromium(true, say));
for (const situation of situations)
  if (wanted.length === 0 || wanted.includes(situation.name))
    await take(situation, browser);
await browser.close();
