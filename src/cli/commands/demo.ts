import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { parseConfig } from "../../config/load-config.ts";
import type { Config } from "../../config/definition/config.ts";
import { connectToKafka, type Connector } from "../../app/connector.ts";
import { kafkaOf } from "../../app/parts.ts";
import {
  NoKafkaHere,
  startLocalStack,
  type LocalStack,
} from "../../local/stack.ts";
import { createLogger, type LogLevel } from "../../observe/log/logger.ts";
import { LogObserver } from "../../observe/log/log-observer.ts";
import { systemClock } from "../../lib/clock.ts";
import { observers } from "../../domain/observer.ts";
import { Simulator } from "../../simulator/server.ts";
import { version } from "../../version.ts";
import { print, type Context } from "../context.ts";
import { DemoReader } from "../demo-reader.ts";
import { connect, monitorOf, partsOf } from "../drains.ts";

export interface DemoFlags {
  /** Seconds; without it the demo ends with the first signal. */
  readonly for?: number;
  readonly records: number;
  readonly changesPerSecond: number;
  readonly seed: number;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}

const CATCH_UP_WITHIN_MS = 30_000;

/** The whole thing on this machine: a simulated Sell that changes, a real Kafka, the connector, and a consumer that shows what arrives. */
export async function demo(
  flags: DemoFlags,
  context: Context,
): Promise<number> {
  const say = (line: string) => void print(context.stderr, `demo: ${line}\n`);
  const logger = createLogger(flags.logLevel ?? "warn", context.stderr);
  await using simulator = await Simulator.start(flags);
  say(
    `simulated Sell at ${simulator.url}: ${flags.records} records, ${flags.changesPerSecond} changes per second`,
  );
  const { env } = context;
  let stack: LocalStack;
  try {
    stack = await startLocalStack({ env, withRegistry: false, say });
  } catch (error) {
    // Without a Kafka there are no counts, which is all that --json asks for.
    if (!(error instanceof NoKafkaHere) || flags.json) throw error;
    say(`${error.message}; printing the events instead (--stdout)`);
    return await printOnly(simulator, logger, context);
  }
  await using owned = stack;
  return await live(flags, context, { simulator, stack: owned, logger, say });
}

interface Parts {
  readonly simulator: Simulator;
  readonly stack: LocalStack;
  readonly logger: Logger;
  readonly say: (line: string) => void;
}

async function live(
  flags: DemoFlags,
  context: Context,
  { simulator, stack, logger, say }: Parts,
): Promise<number> {
  const config = await demoConfig(simulator, stack);
  const stopping = new AbortController();
  const signals = {
    stopping: stopping.signal,
    givingUp: new AbortController().signal,
  };
  const firstDrain = Promise.withResolvers<undefined>();
  const flagsOfRun = { config: "" };
  await using monitor = await monitorOf(flagsOfRun, config, logger, context);
  say(`status page at ${monitor.url ?? ""}`);
  const observer = observers(new LogObserver(logger), ...monitor.observers, {
    sessionEnded: () => {
      firstDrain.resolve(undefined);
    },
  });
  await using connector = await connectToKafka(
    { ...partsOf(config, logger, observer), clock: systemClock, version },
    context.stopping,
  );
  say(`connected as device ${connector.device}; draining Sell into Kafka`);
  const polling = connector.poll(signals);
  await Promise.race([firstDrain.promise, polling]);

  await using reader = await DemoReader.start({
    kafka: kafkaOf(config, logger),
    topics: config.topics.pattern.replaceAll("{name}", config.name),
    output: flags.json ? null : context.stdout,
  });
  await waiting(flags, context, say);
  simulator.stopChanges();
  await caughtUp(simulator, connector);
  stopping.abort(new Error("the demo ends"));
  await polling;
  return await report(flags, simulator, connector, reader, context);
}

async function waiting(
  flags: DemoFlags,
  { stopping }: Context,
  say: (line: string) => void,
): Promise<void> {
  say(
    flags.for === undefined
      ? "what a consumer reads follows; end with Ctrl-C"
      : `what a consumer reads follows, for ${flags.for} seconds`,
  );
  const ms = (flags.for ?? Infinity) * 1_000;
  await systemClock.sleep(ms, stopping).catch(() => undefined);
  say("no more changes; waiting until everything is in Kafka");
}

async function caughtUp(
  simulator: Simulator,
  { device }: Connector,
): Promise<void> {
  const signal = AbortSignal.timeout(CATCH_UP_WITHIN_MS);
  while (!signal.aborted && simulator.state().devices[device]?.pending !== 0)
    await delay(100);
}

/** Sell's counts beside those of a consumer that read the topics from their beginning. */
async function report(
  flags: DemoFlags,
  simulator: Simulator,
  { device }: Connector,
  reader: DemoReader,
  { stdout }: Context,
): Promise<number> {
  const { records, devices } = simulator.state();
  const acknowledged = devices[device]?.acknowledged ?? 0;
  const pending = devices[device]?.pending ?? 0;
  const read = await reader.upTo(acknowledged, CATCH_UP_WITHIN_MS);
  const agrees =
    pending === 0 &&
    read.changes === acknowledged &&
    read.live === records.live;
  if (flags.json) {
    const counts = {
      acknowledged,
      read: read.changes,
      liveRecords: records.live,
      liveKeys: read.live,
      pending,
      agrees,
    };
    await print(stdout, `${JSON.stringify(counts)}\n`);
    return agrees ? 0 : 1;
  }
  const rows = [
    ["", "Sell", "Kafka"],
    ["changes acknowledged / read", acknowledged, read.changes],
    ["live records / keys", records.live, read.live],
    ["still pending", pending, ""],
  ];
  const table = rows.map(
    ([name, sell, kafka]) =>
      `${String(name).padEnd(30)}${String(sell).padStart(10)}${String(kafka).padStart(10)}`,
  );
  await print(
    stdout,
    `\n${table.join("\n")}\n${agrees ? "The counts agree: every change that Sell handed out is in Kafka." : "THE COUNTS DIFFER."}\n`,
  );
  return agrees ? 0 : 1;
}

/** Without a Kafka: one drain to standard output. */
async function printOnly(
  simulator: Simulator,
  logger: Logger,
  context: Context,
): Promise<number> {
  const config = await demoConfig(simulator, {
    brokers: ["127.0.0.1:9092"],
    isShared: false,
  });
  const { stopping } = context;
  const signals = { stopping, givingUp: stopping };
  const observer = observers(new LogObserver(logger));
  const flags = { config: "", stdout: true };
  const parts = partsOf(config, logger, observer);
  await using connector = await connect(flags, context, parts, signals);
  const { end } = await connector.drain(signals);
  return end === "complete" || stopping.aborted ? 0 : 1;
}

/** On a cluster that others use too, the demo keeps to topics of its own. */
async function demoConfig(
  simulator: Simulator,
  { brokers, isShared }: Pick<LocalStack, "brokers" | "isShared">,
): Promise<Config> {
  const suffix = randomBytes(4).toString("hex");
  return parseConfig(
    JSON.stringify({
      name: isShared ? `demo-${suffix}` : "demo",
      sell: {
        baseUrl: simulator.url,
        accessToken: randomBytes(32).toString("hex"),
        pollIntervalMs: 1_000,
      },
      kafka: { brokers },
      server: { port: 0 },
      topics: { pattern: isShared ? "{name}.{type}" : "sell.{type}" },
    }),
    "the demo's configuration",
    {},
  );
}
