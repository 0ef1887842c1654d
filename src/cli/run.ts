import { LogObserver } from "../observe/log-observer.ts";
import { observers } from "../pipeline/observer.ts";
import type { Context } from "./context.ts";
import {
  configOf,
  connect,
  loggerOf,
  monitorOf,
  ShutdownTimeout,
  signalsFor,
  type DrainFlags,
} from "./drains.ts";

/** Drains Sell again and again until the first signal. Being stopped is a success. */
export async function run(
  flags: DrainFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const logger = loggerOf(flags, config, context);
  await using monitor = await monitorOf(flags, config, logger, context);
  const observer = observers(new LogObserver(logger), ...monitor.observers);
  const signals = signalsFor(config, logger, context);
  try {
    const parts = { config, logger, observer };
    await using connector = await connect(flags, context, parts, signals);
    await connector.poll(signals);
    logger.info("stopped");
  } catch (error) {
    if (!signals.stopping.aborted) throw error;
    if (error instanceof ShutdownTimeout) logger.warn(error.message);
    else if (error !== signals.stopping.reason) throw error;
  }
  return 0;
}
