import type { Logger } from "pino";
import { DeniedFault, RivalFault, UnexpectedFault } from "../domain/faults.ts";
import { observers, type Observer } from "../domain/observer.ts";
import type { DrainResult } from "../pipeline/drain.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../pipeline/progress-deadline.ts";
import { DrainTotals } from "../pipeline/drain-totals.ts";
import type { AppContext } from "./app-context.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { logUnexpected } from "./log-unexpected.ts";
import { shutdownSignals, ShutdownTimeout } from "./shutdown.ts";

/** What one complete drain did. */
export interface SyncResult {
  /** Whether Sell said that there is no more, and all of it is settled. */
  readonly isComplete: boolean;
  readonly totals: DrainTotals;
  /** When the last acknowledgement was confirmed, or the drain ended, by the clock's `monotonicMs`. */
  readonly endedMs: number;
}

/** Drains Sell once, and logs what keeps the drain from being complete. Gives up when nothing moves for too long. */
export async function syncConnector(
  app: AppContext,
  options: ConnectorOptions,
  stopping: AbortSignal,
): Promise<SyncResult> {
  const { config, clock, logger } = app;
  const totals = new DrainTotals();
  const deadline = new ProgressDeadline(config.delivery.giveUpAfterMs, clock);
  let acknowledgedMs = 0;
  const timing: Partial<Observer> = {
    acknowledged: () => {
      acknowledgedMs = clock.monotonicMs();
    },
  };
  const observer = observers(totals, deadline, timing, options.observer);
  const signals = shutdownSignals(app, stopping, deadline.signal);
  const over = new AbortController();
  void deadline.watch(over.signal);
  const isComplete = await isDrained(logger, signals, async () => {
    await using connector = await Connector.connect(
      app,
      { ...options, observer },
      AbortSignal.any([signals.stopping, signals.givingUp]),
    );
    return await connector.drain(signals);
  });
  over.abort();
  const endedMs =
    totals.confirmedKeys === 0 ? clock.monotonicMs() : acknowledgedMs;
  return { isComplete, totals, endedMs };
}

/** Runs a drain, and logs what kept it from being complete. */
async function isDrained(
  logger: Logger,
  signals: Signals,
  drain: () => Promise<DrainResult>,
): Promise<boolean> {
  try {
    const { end, problems } = await drain();
    for (const { message } of problems) logger.error(message);
    if (end === "stopped")
      logger.warn("stopped before Sell was drained; the rest comes next time");
    return end === "complete";
  } catch (error) {
    const isExpected =
      error instanceof DeniedFault ||
      error instanceof ProgressDeadlineExceeded ||
      error instanceof RivalFault ||
      error instanceof ShutdownTimeout;
    if (isExpected) logger.error(error.message);
    else if (signals.stopping.aborted)
      logger.warn("stopped before Kafka was reached");
    else logUnexpected(logger, new UnexpectedFault(error));
    return false;
  }
}
