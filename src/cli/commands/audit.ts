import type { Logger } from "pino";
import { audit as runAudit } from "../../audit/audit.ts";
import { Ledger } from "../../audit/ledger.ts";
import type { AuditReport } from "../../audit/report.ts";
import { WaitingDeadLetters } from "../../audit/waiting-dead-letters.ts";
import { RequestCounter } from "../../app/connector.ts";
import type { Config } from "../../config/definition/config.ts";
import { Registry } from "../../format/schema-registry/registry.ts";
import { ValueReaders } from "../../format/schema-registry/value-readers.ts";
import { AuditBar } from "../../observe/terminal/progress-bars.ts";
import { LogObserver } from "../../observe/log/log-observer.ts";
import { deviceOf, kafkaOf, routerOf, sellClientOf } from "../../app/parts.ts";
import { systemClock } from "../../lib/clock.ts";
import { DeniedFault, TypeFault } from "../../domain/faults.ts";
import { observers } from "../../domain/observer.ts";
import {
  ProgressDeadlineExceeded,
  ProgressDeadline,
} from "../../pipeline/progress-deadline.ts";
import { auditorDeviceUuid } from "../../sell/device.ts";
import { version } from "../../version.ts";
import { reportText } from "../audit-text.ts";
import { print, type Context } from "../context.ts";
import { configOf, loggerOf } from "../drains.ts";
import type { CommonFlags } from "../options.ts";

export interface AuditFlags extends CommonFlags {
  readonly requestsPerSecond?: number;
  readonly allowDeadLetters?: boolean;
}

const BESIDE_A_CONNECTOR = 1 / 4;

/** Proves that Kafka holds what Sell holds. Exit code 0 only when all was compared and nothing differs. */
export async function audit(
  flags: AuditFlags,
  context: Context,
): Promise<number> {
  const config = await configOf(flags, context);
  const showsBar = context.stderr.isTTY && flags.logLevel === undefined;
  const logger = loggerOf(flags, config, context, true);
  using bar = showsBar ? new AuditBar(context.stderr) : null;
  const counter = new RequestCounter();
  const startedMs = systemClock.monotonicMs();
  let report: AuditReport;
  try {
    report = await compare(config, flags, context, { logger, bar, counter });
  } catch (error) {
    const isExpected =
      error instanceof DeniedFault ||
      error instanceof TypeFault ||
      error instanceof ProgressDeadlineExceeded;
    if (isExpected) logger.error(error.message);
    else if (context.stopping.aborted)
      logger.warn("stopped before the audit was complete; it proves nothing");
    else throw error;
    return 1;
  }
  bar?.[Symbol.dispose]();
  const durationMs = Math.round(systemClock.monotonicMs() - startedMs);
  const { sent: requests, throttled } = counter;
  const whole = { ...report, requests, throttled, durationMs };
  const text = flags.json ? JSON.stringify(whole) : reportText(whole);
  await print(context.stdout, `${text}\n`);
  const hasLetters =
    report.totals.deadLettered > 0 && flags.allowDeadLetters !== true;
  return report.result === "clean" && !hasLetters ? 0 : 1;
}

async function compare(
  config: Config,
  flags: AuditFlags,
  { stopping }: Context,
  parts: {
    readonly logger: Logger;
    readonly bar: AuditBar | null;
    readonly counter: RequestCounter;
  },
): Promise<AuditReport> {
  const { logger, bar, counter } = parts;
  const clock = systemClock;
  const kafka = kafkaOf(config, logger);
  const device = await deviceOf(config, kafka, stopping);
  const requestsPerSecond =
    flags.requestsPerSecond ??
    config.sell.requestsPerSecond * BESIDE_A_CONNECTOR;
  await using source = sellClientOf(
    { ...config, sell: { ...config.sell, requestsPerSecond } },
    auditorDeviceUuid(device),
    version,
    clock,
    (request) => {
      counter.count(request);
    },
  );
  using ledger = new Ledger();
  const router = routerOf(config);
  const patience = new ProgressDeadline(config.delivery.giveUpAfterMs, clock);
  const { schemaRegistry } = config;
  return await runAudit(
    {
      kafka,
      source,
      ledger,
      router,
      clock,
      patience,
      readers: new ValueReaders(
        schemaRegistry === undefined ? null : new Registry(schemaRegistry),
      ),
      deadLetters: new WaitingDeadLetters(config.name, router),
      deadLetterTopic: config.delivery.deadLetterTopic,
      observer: observers(patience, new LogObserver(logger)),
      progress: bar ?? { began: () => undefined, advanced: () => undefined },
      parallelFetches: config.sell.parallelFetches,
      maxBufferedBytes: config.delivery.maxBufferedBytes,
      settleMs: config.sell.pollIntervalMs,
    },
    stopping,
  );
}
