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
import type { AppContext } from "./context/app-context.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { logUnexpected } from "./log-unexpected.ts";
import { shutdownSignals, ShutdownTimeout } from "./shutdown.ts";

/** How a drain ended. */
export interface SyncEnd {
  /** `complete`: Sell said that there is no more, and all of it is settled. `denied`: a login or a right is missing. */
  readonly result: "complete" | "incomplete" | "stopped" | "denied";
  /** The reasons why it is not complete, as sentences for an operator; empty for a complete one. */
  readonly problems: readonly string[];
}

/** The counts of one drain. */
export interface SyncResult extends SyncEnd {
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
  const end = await endOf(logger, signals, async () => {
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
  return { ...end, totals, endedMs };
}

/** Runs a drain, and logs what kept it from being complete. */
async function endOf(
  logger: Logger,
  { stopping }: Signals,
  drain: () => Promise<DrainResult>,
): Promise<SyncEnd> {
  const problems: string[] = [];
  try {
    const { end, problems: left } = await drain();
    if (end !== "stopped") {
      const sentences = left.map(({ message }) => message);
      for (const problem of sentences) logger.error(problem);
      return { result: end, problems: sentences };
    }
    problems.push("stopped before Sell was drained; the rest comes next time");
  } catch (error) {
    const result = resultOf(error);
    if (result !== null && error instanceof Error) {
      logger.error(error.message);
      return { result, problems: [error.message] };
    }
    if (!stopping.aborted) {
      const fault = new UnexpectedFault(error);
      logUnexpected(logger, fault);
      return { result: "incomplete", problems: [fault.message] };
    }
    problems.push("stopped before Kafka was reached");
  }
  for (const problem of problems) logger.warn(problem);
  return { result: "stopped", problems };
}

/** Null for an error that does not say by itself how the drain ended. */
function resultOf(error: unknown): SyncEnd["result"] | null {
  if (error instanceof DeniedFault) return "denied";
  if (error instanceof ShutdownTimeout) return "stopped";
  const isGivenUp =
    error instanceof ProgressDeadlineExceeded || error instanceof RivalFault;
  return isGivenUp ? "incomplete" : null;
}
