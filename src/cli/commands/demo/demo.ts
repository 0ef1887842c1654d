import type { Command } from "@commander-js/extra-typings";
import type { Logger } from "pino";
import type { AppContext } from "../../../app/app-context.ts";
import type { Config } from "../../../config/definition/config.ts";
import type { LocalStack } from "../../../local/stack.ts";
import type { Simulator } from "../../../simulator/server.ts";
import { withLogLevel, type FlagsOf } from "../../options.ts";
import { numberParser } from "../../parse-number.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("demo")).action((flags) =>
    execute(() => demo(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withLogLevel(command)
    .description(
      "try it out: a simulated Sell, a real Kafka on this machine, and the connector between them",
    )
    .option(
      "--for <seconds>",
      "end after that many seconds; without it, with Ctrl-C",
      numberParser({ above: 0, most: 604_800 }),
    )
    .option(
      "--records <n>",
      "records in the simulated account",
      numberParser({ least: 30, most: 1_000_000, whole: true }),
      1_000,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      numberParser({ least: 0, most: 10_000 }),
      5,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      numberParser({ least: 0, most: 9_999_999_999_999, whole: true }),
      1,
    )
    .option(
      "--json",
      "print the counts at its end as JSON, and not what the consumer reads",
    );

type DemoFlags = FlagsOf<typeof withOptions>;

/** The demo sends no traces, whatever the environment says. */
const noTraces = {};

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../../observe/log/logger.ts")),
  ...(await import("../../../local/stack.ts")),
  ...(await import("../../../simulator/server.ts")),
  ...(await import("../../../app/connector.ts")),
  ...(await import("../../../app/observability.ts")),
  ...(await import("../../../domain/observer.ts")),
  ...(await import("./demo-reader.ts")),
  ...(await import("./counts.ts")),
  ...(await import("../../../observe/log/log-observer.ts")),
});

/** Runs everything on this machine: a simulated Sell that changes, a real Kafka, the connector, and a consumer that shows the records. */
async function demo(
  flags: DemoFlags,
  context: ProcessContext,
): Promise<number> {
  const { createLogger, NoKafkaHere, startLocalStack, Simulator } =
    await load();
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
  await using app = await openDemoApp(simulator, owned, logger);
  return await live(flags, context, { simulator, app, say });
}

interface Demo {
  readonly simulator: Simulator;
  readonly app: AppContext;
  readonly say: (line: string) => void;
}

async function live(
  flags: DemoFlags,
  context: ProcessContext,
  running: Demo,
): Promise<number> {
  const {
    Connector,
    startObservability,
    observers,
    DemoReader,
    compareCounts,
    countsText,
    waitForCatchUp,
  } = await load();
  const { simulator, app, say } = running;
  const { config, kafka } = app;
  const stopping = new AbortController();
  const signals = {
    stopping: stopping.signal,
    givingUp: new AbortController().signal,
  };
  await using watching = await startObservability(
    app,
    { toKafka: true, isOneDrain: false, stopping: context.stopping },
    noTraces,
  );
  say(`status page at ${watching.url ?? ""}`);
  const firstDrain = Promise.withResolvers<undefined>();
  const observer = observers(watching.observer, {
    sessionEnded: () => {
      firstDrain.resolve(undefined);
    },
  });
  await using connector = await Connector.connect(
    app,
    { observer, tracing: null, isServed: watching.isServed, print: null },
    context.stopping,
  );
  say(`connected as device ${connector.device}; draining Sell into Kafka`);
  const polling = connector.poll(signals);
  await Promise.race([firstDrain.promise, polling]);

  await using reader = await DemoReader.start({
    kafka,
    topics: config.topics.pattern.replaceAll("{name}", config.name),
    output: flags.json ? null : context.stdout,
  });
  await waitForEnd(flags, running, context.stopping);
  simulator.stopChanges();
  await waitForCatchUp(simulator, connector.device);
  stopping.abort(new Error("the demo ends"));
  await polling;
  const counts = await compareCounts(simulator, connector.device, reader);
  const text = flags.json ? `${JSON.stringify(counts)}\n` : countsText(counts);
  await print(context.stdout, text);
  return counts.agrees ? 0 : 1;
}

async function waitForEnd(
  flags: DemoFlags,
  { app, say }: Demo,
  stopping: AbortSignal,
): Promise<void> {
  say(
    flags.for === undefined
      ? "what a consumer reads follows; end with Ctrl-C"
      : `what a consumer reads follows, for ${flags.for} seconds`,
  );
  const ms = (flags.for ?? Infinity) * 1_000;
  await app.clock.sleep(ms, stopping).catch(() => undefined);
  say("no more changes; waiting until everything is in Kafka");
}

/** Drains Sell once to standard output, when there is no Kafka. */
async function printOnly(
  simulator: Simulator,
  logger: Logger,
  { stdout, stopping }: ProcessContext,
): Promise<number> {
  const { Connector, observers, LogObserver } = await load();
  const nowhere = { brokers: ["127.0.0.1:9092"], isShared: false };
  await using app = await openDemoApp(simulator, nowhere, logger);
  await using connector = await Connector.connect(
    app,
    {
      observer: observers(new LogObserver(logger)),
      tracing: null,
      isServed: false,
      print: (text) => print(stdout, text),
    },
    stopping,
  );
  const { end } = await connector.drain({ stopping, givingUp: stopping });
  return end === "complete" || stopping.aborted ? 0 : 1;
}

async function openDemoApp(
  simulator: Simulator,
  stack: Pick<LocalStack, "brokers" | "isShared">,
  logger: Logger,
): Promise<AppContext> {
  const { AppContext } = await import("../../../app/app-context.ts");
  const config = await createConfig(simulator, stack);
  return AppContext.fromConfig(config, { logger });
}

/** Creates the configuration. On a cluster that others use too, the demo has topics of its own. */
async function createConfig(
  simulator: Simulator,
  { brokers, isShared }: Pick<LocalStack, "brokers" | "isShared">,
): Promise<Config> {
  const { randomBytes } = await import("node:crypto");
  const { parseConfig } = await import("../../../config/load-config.ts");
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
