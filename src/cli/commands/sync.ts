import type { Logger } from "pino";
import type { RequestCounter } from "../../app/connector.ts";
import { LogObserver } from "../../observe/log/log-observer.ts";
import { DrainBar } from "../../observe/terminal/progress-bars.ts";
import { systemClock } from "../../lib/clock.ts";
import type { DrainResult } from "../../pipeline/drain.ts";
import type { Signals } from "../../pipeline/drain-session.ts";
import {
  DeniedFault,
  RivalFault,
  UnexpectedFault,
} from "../../domain/faults.ts";
import { observers } from "../../domain/observer.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../../pipeline/progress-deadline.ts";
import { DrainTotals } from "../../pipeline/drain-totals.ts";
import { print, type Context } from "../context.ts";
import {
  configOf,
  connect,
  loggerOf,
  monitorOf,
  partsOf,
  ShutdownTimeout,
  signalsFor,
  type DrainFlags,
} from "../drains.ts";
import { spanExportOf } from "../traces.ts";
import { summaryOf, summaryText } from "../summary.ts";

/** One complete drain, then a summary. Exit code 0 only when Sell said that there is no more and all of it is settled. */
export async function sync(
  flags: DrainFlags,
  context: Context,
): Promise<number> {
  const clock = systemClock;
  const startedMs = clock.monotonicMs();
  const config = await configOf(flags, context);
  const showsBar = context.stderr.isTTY && flags.logLevel === undefined;
  const logger = loggerOf(flags, config, context, showsBar);
  await using monitor = await monitorOf(flags, config, logger, context);
  await using spans = await spanExportOf(logger, context);
  const tracing = spans?.tracing(config.name) ?? null;
  const tally = new DrainTotals();
  const patience = new ProgressDeadline(config.delivery.giveUpAfterMs, clock);
  using bar = showsBar ? new DrainBar(context.stderr) : null;
  let endedMs = startedMs;
  const observer = observers(
    tally,
    patience,
    {
      acknowledged: () => {
        endedMs = clock.monotonicMs();
      },
    },
    new LogObserver(logger),
    ...monitor.observers,
    tracing?.observer ?? {},
    ...(bar === null ? [] : [bar]),
  );
  const signals = signalsFor(config, logger, context, patience.signal);
  const over = new AbortController();
  void patience.watch(over.signal);

  let requests: Pick<RequestCounter, "sent" | "throttled"> = {
    sent: 0,
    throttled: 0,
  };
  const isComplete = await reported(logger, signals, async () => {
    const parts = partsOf(config, logger, observer, tracing);
    await using connector = await connect(flags, context, parts, signals);
    requests = connector.requests;
    return await connector.drain(signals);
  });
  over.abort();
  bar?.[Symbol.dispose]();

  if (tally.confirmedKeys === 0) endedMs = clock.monotonicMs();
  const summary = summaryOf(tally, requests, endedMs - startedMs);
  const output = flags.stdout ? context.stderr : context.stdout;
  await print(
    flags.json ? output : context.stderr,
    `${flags.json ? JSON.stringify(summary) : summaryText(summary)}\n`,
  );
  return isComplete ? 0 : 1;
}

/** Runs the drain and logs what kept it from being complete. */
async function reported(
  logger: Logger,
  signals: Signals,
  drain: () => Promise<DrainResult>,
): Promise<boolean> {
  try {
    const { end, problems } = await drain();
    for (const problem of problems) logger.error(problem);
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
    else {
      const { message } = new UnexpectedFault(error);
      logger.error({ reason: message }, "drain failed unexpectedly");
      logger.debug({ err: error }, "where the drain failed");
    }
    return false;
  }
}
