import type { Logger } from "pino";
import type { Connector } from "../connector.ts";
import { LogObserver } from "../observe/log-observer.ts";
import { Backoff } from "../pipeline/backoff.ts";
import { systemClock } from "../pipeline/clock.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { DeniedFault } from "../pipeline/faults.ts";
import { observers } from "../pipeline/observer.ts";
import { DENIED_WAIT, SHORTEST_DENIED_WAIT_MS } from "../pipeline/poller.ts";
import type { Context } from "./context.ts";
import {
  configOf,
  connect,
  loggerOf,
  monitorOf,
  partsOf,
  ShutdownTimeout,
  signalsFor,
  type DrainFlags,
} from "./drains.ts";
import { tracingOf } from "./traces.ts";

/** Drains Sell again and again until the first signal. Being stopped is a success. */
export async function run(
  flags: DrainFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const logger = loggerOf(flags, config, context);
  await using monitor = await monitorOf(flags, config, logger, context);
  await using tracing = await tracingOf(config, logger, context);
  const observer = observers(
    new LogObserver(logger),
    ...monitor.observers,
    tracing?.observer ?? {},
  );
  const signals = signalsFor(config, logger, context);
  try {
    const parts = partsOf(config, logger, observer, tracing);
    await using connector = await untilAllowed(logger, signals, () =>
      connect(flags, context, parts, signals),
    );
    await connector.poll(signals);
    logger.info("stopped");
  } catch (error) {
    if (!signals.stopping.aborted) throw error;
    if (error instanceof ShutdownTimeout) logger.warn(error.message);
    else if (error !== signals.stopping.reason) throw error;
  }
  return 0;
}

/** A daemon that is refused at its start waits for somebody to mend that; so does one that is refused later. */
async function untilAllowed(
  logger: Logger,
  { stopping }: Signals,
  connectOnce: () => Promise<Connector>,
): Promise<Connector> {
  const waits = new Backoff(systemClock, DENIED_WAIT);
  for (;;) {
    try {
      return await connectOnce();
    } catch (error) {
      if (!(error instanceof DeniedFault)) throw error;
      logger.error({ reason: error.message }, "connection refused");
      await waits.failed(stopping, SHORTEST_DENIED_WAIT_MS);
    }
  }
}
