import { audit } from "../audit/audit.ts";
import { Ledger } from "../audit/ledger.ts";
import { LedgerUnwritable } from "../audit/ledger-file.ts";
import type { Progress } from "../audit/progress.ts";
import { findings, type AuditReport, type Finding } from "../audit/report.ts";
import type { SellAccount } from "../audit/sell-side.ts";
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
import { version } from "../version.ts";
import { knownDevice, type AppContext } from "./context/app-context.ts";

export interface AuditOptions {
  /** The ceiling of requests to Sell; a part of the connector's own when missing. */
  readonly requestsPerSecond: number | undefined;
  /** Receives how far the audit is; null for nobody. */
  readonly progress: Progress | null;
  /** Where the audit keeps a file while it runs. */
  readonly temporaryFolder: string;
}

/** The report of an audit: both sides that it compared, the program, the times and the outcome. */
export interface AccountReport extends Omit<AuditReport, "account"> {
  readonly version: string;
  /** The connector's name. */
  readonly connector: string;
  readonly account: AuditedAccount;
  readonly cluster: {
    /** Null when the cluster reports none. */
    readonly id: string | null;
    readonly brokers: readonly string[];
  };
  /** As ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly requests: number;
  readonly throttled: number;
}

interface AuditedAccount {
  /** Null when Sell handed out no record of the account. */
  readonly id: SellAccount["id"] | null;
  readonly name: SellAccount["name"];
  readonly baseUrl: string;
  /** The connector's device. */
  readonly deviceUuid: string;
  /** The device under which the audit read. */
  readonly auditDeviceUuid: string;
}

/** The outcome of an audit; its findings are on disk until it is disposed. */
interface Audited extends Disposable {
  readonly kind: "audited";
  readonly report: AccountReport;
  /** Every finding, the worst kind first; reads them anew at each call. */
  readonly findings: () => Iterable<Finding>;
}

/** An audit that was stopped, or could not go on. */
interface NotAudited extends Disposable {
  readonly kind: "not audited";
  /** The reason, which the log has too. */
  readonly problem: string;
}

/** The part of the rate that an audit takes, since a connector may run beside it. */
const SHARE_OF_RATE = 1 / 4;

/** The process was asked to stop. */
class AuditStopped extends Error {
  override readonly name = "AuditStopped";
}

/** Pages that wait take memory and save no time: the ledger is faster than Sell. */
const MOST_BUFFERED_BYTES = 8 * 1_024 * 1_024;

/**
 * Compares what Kafka holds with what Sell holds. Logs why when it was stopped, or could not go on.
 */
export async function auditAccount(
  app: AppContext,
  options: AuditOptions,
  stopping: AbortSignal,
): Promise<Audited | NotAudited> {
  const { logger } = app;
  let ledger: Ledger | null = null;
  try {
    // Before anything is read: an audit that can't keep what it reads would end after minutes.
    const opened = new Ledger(options.temporaryFolder);
    ledger = opened;
    const report = await compare(app, options, opened, stopping);
    return {
      kind: "audited",
      report,
      findings: () => findings({ ledger: opened, router: app.router }),
      [Symbol.dispose]: () => {
        opened[Symbol.dispose]();
      },
    };
  } catch (error) {
    ledger?.[Symbol.dispose]();
    const isExpected =
      error instanceof DeniedFault ||
      error instanceof TypeFault ||
      error instanceof LedgerUnwritable ||
      error instanceof ProgressDeadlineExceeded;
    if (isExpected) {
      logger.error(error.message);
      return notAudited(error.message);
    }
    if (!stopping.aborted) throw error;
    const { message } = new AuditStopped(
      "stopped before the audit was complete; it proves nothing",
    );
    logger.warn(message);
    return notAudited(message);
  }
}

function notAudited(problem: string): NotAudited {
  return { kind: "not audited", problem, [Symbol.dispose]: () => undefined };
}

async function compare(
  app: AppContext,
  options: AuditOptions,
  ledger: Ledger,
  stopping: AbortSignal,
): Promise<AccountReport> {
  const { config, logger, clock, kafka, router, registry } = app;
  const { sell, delivery } = config;
  const counter = new DrainTotals();
  const [startedMs, startedAt] = [clock.monotonicMs(), isoTime(app)];
  const identity = await app.identity(stopping);
  const deviceUuid = knownDevice(identity);
  const auditDeviceUuid = auditorDeviceUuid(deviceUuid);
  const requestsPerSecond =
    options.requestsPerSecond ?? sell.requestsPerSecond * SHARE_OF_RATE;
  const source = app.openSellClient(auditDeviceUuid, {
    requestsPerSecond,
    onRequest: (request) => {
      counter.requested(request);
    },
  });
  const columns = app.openColumns(observers(counter, new LogObserver(logger)));
  await columns?.customFields.ask(stopping);
  const deadline = new ProgressDeadline(delivery.giveUpAfterMs, clock);
  const { account, ...report } = await audit(
    {
      kafka,
      connectorName: config.name,
      source,
      requestsPerSecond,
      ledger,
      router,
      clock,
      deadline,
      readers: new ValueReaders(registry, columns?.customFields),
      deadLetters: new WaitingDeadLetters(config.name, router),
      deadLetterTopic: delivery.deadLetterTopic,
      observer: observers(deadline, new LogObserver(logger)),
      progress: options.progress ?? {
        began: () => undefined,
        advanced: () => undefined,
      },
      parallelFetches: sell.parallelFetches,
      maxBufferedBytes: Math.min(
        delivery.maxBufferedBytes,
        MOST_BUFFERED_BYTES,
      ),
      settleMs: sell.pollIntervalMs,
    },
    stopping,
  );
  const { id = null, name = null } = account ?? {};
  return {
    version,
    connector: config.name,
    account: { id, name, baseUrl: sell.baseUrl, deviceUuid, auditDeviceUuid },
    cluster: { id: identity.clusterId, brokers: config.kafka.brokers },
    startedAt,
    endedAt: isoTime(app),
    durationMs: Math.round(clock.monotonicMs() - startedMs),
    requests: counter.requests,
    throttled: counter.throttled,
    ...report,
  };
}

function isoTime({ clock }: AppContext): string {
  return new Date(clock.epochMs()).toISOString();
}
