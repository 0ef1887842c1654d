import { audit } from "../audit/audit.ts";
import { Ledger } from "../audit/ledger.ts";
import type { Progress } from "../audit/progress.ts";
import type { AuditReport } from "../audit/report.ts";
import { WaitingDeadLetters } from "../audit/waiting-dead-letters.ts";
import { DeniedFault, TypeFault } from "../domain/faults.ts";
import { observers } from "../domain/observer.ts";
import { ValueReaders } from "../format/schema-registry/value-readers.ts";
import { LogObserver } from "../observe/log/log-observer.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../pipeline/progress-deadline.ts";
import { DrainTotals } from "../pipeline/drain-totals.ts";
import { auditorDeviceUuid } from "../sell/device.ts";
import type { AppContext } from "./app-context.ts";

export interface AuditOptions {
  /** The ceiling of requests to Sell; a part of the connector's own when missing. */
  readonly requestsPerSecond: number | undefined;
  /** Shows how far the audit is; null for none. */
  readonly bar: Progress | null;
}

export interface AccountReport extends AuditReport {
  readonly requests: number;
  readonly throttled: number;
  readonly durationMs: number;
}

/** The part of the rate that an audit takes, since a connector may run beside it. */
const SHARE_OF_RATE = 1 / 4;

/**
 * Compares what Kafka holds with what Sell holds. Null when it was stopped, or could not go on;
 * the log says why.
 */
export async function auditAccount(
  app: AppContext,
  options: AuditOptions,
  stopping: AbortSignal,
): Promise<AccountReport | null> {
  const { clock, logger } = app;
  const counter = new DrainTotals();
  const startedMs = clock.monotonicMs();
  try {
    const report = await compare(app, options, counter, stopping);
    const durationMs = Math.round(clock.monotonicMs() - startedMs);
    const { requests, throttled } = counter;
    return { ...report, requests, throttled, durationMs };
  } catch (error) {
    const isExpected =
      error instanceof DeniedFault ||
      error instanceof TypeFault ||
      error instanceof ProgressDeadlineExceeded;
    if (isExpected) logger.error(error.message);
    else if (stopping.aborted)
      logger.warn("stopped before the audit was complete; it proves nothing");
    else throw error;
    return null;
  }
}

async function compare(
  app: AppContext,
  { requestsPerSecond, bar }: AuditOptions,
  counter: DrainTotals,
  stopping: AbortSignal,
): Promise<AuditReport> {
  const { config, logger, clock, kafka, router, registry } = app;
  const { sell, delivery } = config;
  const device = await app.device(stopping);
  const source = app.openSellClient(auditorDeviceUuid(device), {
    requestsPerSecond:
      requestsPerSecond ?? sell.requestsPerSecond * SHARE_OF_RATE,
    onRequest: (request) => {
      counter.requested(request);
    },
  });
  using ledger = new Ledger();
  const deadline = new ProgressDeadline(delivery.giveUpAfterMs, clock);
  return await audit(
    {
      kafka,
      source,
      ledger,
      router,
      clock,
      deadline,
      readers: new ValueReaders(registry),
      deadLetters: new WaitingDeadLetters(config.name, router),
      deadLetterTopic: delivery.deadLetterTopic,
      observer: observers(deadline, new LogObserver(logger)),
      progress: bar ?? { began: () => undefined, advanced: () => undefined },
      parallelFetches: sell.parallelFetches,
      maxBufferedBytes: delivery.maxBufferedBytes,
      settleMs: sell.pollIntervalMs,
    },
    stopping,
  );
}
