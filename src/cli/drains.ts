import type { Logger } from "pino";
import { loadConfig } from "../config/load-config.ts";
import type { Config } from "../config/definition/config.ts";
import { warningsIn } from "../config/warnings.ts";
import { Commons } from "../app/commons.ts";
import {
  connectToKafka,
  connectToPrinter,
  type Connector,
  type ConnectorOptions,
} from "../app/connector.ts";
import { createLogger } from "../observe/log/logger.ts";
import type { ServedConnector } from "../observe/connector-telemetry.ts";
import { systemClock } from "../lib/clock.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { trustSystemAuthorities } from "../security/tls-options.ts";
import { version } from "../version.ts";
import { print, type Context } from "./context.ts";
import type { CommonFlags } from "./options.ts";

/** The flags of `run` and `sync`. */
export interface DrainFlags extends CommonFlags {
  readonly stdout?: boolean;
}

/** What was held could not be published and acknowledged in the time given for it. */
export class ShutdownTimeout extends Error {
  override readonly name = "ShutdownTimeout";
}

export async function configOf(
  flags: Pick<CommonFlags, "config">,
  { env }: Context,
): Promise<Config> {
  const config = await loadConfig(flags.config, env);
  trustSystemAuthorities();
  return config;
}

export function loggerOf(
  flags: CommonFlags,
  config: Config,
  { stderr }: Context,
  quietly = false,
): Logger {
  const level = flags.logLevel ?? (quietly ? "warn" : config.log.level);
  return createLogger(level, stderr).child({ connector: config.name });
}

/** Serves what an operator asks for, if `server` is configured, before anything is reached. */
export async function monitorOf(
  flags: DrainFlags,
  config: Config,
  logger: Logger,
  { stopping }: Context,
): Promise<ServedConnector> {
  const { server: address } = config;
  if (address === undefined) return noMonitor;
  const { serveConnector } = await import("../observe/connector-telemetry.ts");
  const toKafka = flags.stdout !== true;
  const clock = systemClock;
  return serveConnector({
    config,
    address,
    logger,
    clock,
    version,
    toKafka,
    stopping,
  });
}

const noMonitor: ServedConnector = {
  observers: [],
  url: null,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** What a connector is made from, besides the process. */
export type Parts = Omit<ConnectorOptions, "clock" | "version">;

/** The parts of the only connector of this process. */
export function partsOf(
  config: Config,
  logger: Logger,
  observer: ConnectorOptions["observer"],
  tracing: ConnectorOptions["tracing"] = null,
): Parts {
  const commons = new Commons(logger, systemClock);
  const isServed = config.server !== undefined;
  return { config, commons, isServed, logger, observer, tracing };
}

/** Connects to Kafka, or to standard output when that is asked for. */
export async function connect(
  flags: DrainFlags,
  { stdout }: Pick<Context, "stdout">,
  parts: Parts,
  signals: Signals,
): Promise<Connector> {
  const options: ConnectorOptions = { ...parts, clock: systemClock, version };
  const { config, logger } = parts;
  if (!flags.stdout)
    for (const { path, message } of warningsIn(config))
      logger.warn(`${path} ${message}`);
  const connector = flags.stdout
    ? connectToPrinter(options, (text) => print(stdout, text))
    : await connectToKafka(
        options,
        AbortSignal.any([signals.stopping, signals.givingUp]),
      );
  logger.info(
    {
      version,
      device: connector.device,
      sell: config.sell.baseUrl,
      to: flags.stdout ? "standard output" : config.kafka.brokers,
    },
    "connected",
  );
  return connector;
}

/** Asked to stop, a command finishes what it holds, but for no longer than `shutdownTimeoutMs`. */
export function signalsFor(
  config: Config,
  logger: Logger,
  { stopping }: Pick<Context, "stopping">,
  ...givingUp: readonly AbortSignal[]
): Signals {
  const { shutdownTimeoutMs } = config.delivery;
  const late = new AbortController();
  const startTimer = () => {
    logger.info(
      { shutdownTimeoutMs },
      "stopping once what is held is published and acknowledged; a second signal ends at once",
    );
    setTimeout(() => {
      late.abort(
        new ShutdownTimeout(
          `what was held could not be published and acknowledged within ${shutdownTimeoutMs} ms (delivery.shutdownTimeoutMs); Sell sends it again`,
        ),
      );
    }, shutdownTimeoutMs).unref();
  };
  if (stopping.aborted) startTimer();
  else stopping.addEventListener("abort", startTimer, { once: true });
  return { stopping, givingUp: AbortSignal.any([...givingUp, late.signal]) };
}
