import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { reasonOf } from "../../lib/reason-of.ts";
import { Commons } from "../../app/commons.ts";
import { ClusterFile } from "../../config/folder/cluster-file.ts";
import { ConfigFolder } from "../../config/folder/config-folder.ts";
import type { Config } from "../../config/definition/config.ts";
import type { Assignment } from "../../supervisor/connector-runner.ts";
import { Reconciler } from "../../supervisor/reconciler.ts";
import { Supervisor } from "../../supervisor/supervisor.ts";
import { Membership } from "../../cluster/membership.ts";
import { standalone } from "../../cluster/assignments.ts";
import { FleetTelemetry } from "../../observe/fleet-telemetry.ts";
import { LogObserver } from "../../observe/log/log-observer.ts";
import { createLogger } from "../../observe/log/logger.ts";
import { kafkaOf } from "../../app/parts.ts";
import { systemClock } from "../../lib/clock.ts";
import { observers } from "../../domain/observer.ts";
import { RateLimiter } from "../../sell/rate-limiter.ts";
import { trustSystemAuthorities } from "../../security/tls-options.ts";
import { version } from "../../version.ts";
import type { Context } from "../context.ts";
import { loggerOf, signalsFor, type DrainFlags } from "../drains.ts";
import { runConnector } from "./run-connector.ts";
import { spanExportOf } from "../traces.ts";

/** What all connectors of a process together hold between Sell and Kafka, in even shares. */
const BUFFERED_BYTES = 32 * 1024 * 1024;

/** Hundreds of connectors that all connect and drain in the same moment would take the memory of as many drains. */
const STARTS_PER_SECOND = 20;

/** Runs a connector for each file of a folder, until the first signal. Being stopped is a success. */
export async function runFolder(
  flags: DrainFlags,
  context: Context,
): Promise<number> {
  trustSystemAuthorities();
  const logger = createLogger(flags.logLevel ?? "info", context.stderr);
  const clock = systemClock;
  // An error that nobody catches comes from one connector's socket or library, and must not end the
  // others. Each request has a time limit of its own, after which that connector goes on as well.
  context.outliveErrors?.((error) => {
    logger.error({ err: error }, "an error was caught by nobody");
  });
  const instance = `${hostname()}-${randomBytes(3).toString("hex")}`;
  const folder = new ConfigFolder(flags.config, context.env);
  const cluster = await ClusterFile.read(folder.path, context.env);
  const commons = new Commons(logger, clock);
  await using spans = await spanExportOf(logger, context);
  await using monitor: FleetTelemetry = new FleetTelemetry({
    folder: folder.path,
    instance,
    version,
    toKafka: flags.stdout !== true,
    clock,
    logger,
    survey: () => reconciler.state(),
  });

  const starts = new RateLimiter(STARTS_PER_SECOND, clock);
  const run = async (assignment: Assignment, stopping: AbortSignal) => {
    const { lease } = assignment;
    const share = Math.floor(BUFFERED_BYTES / reconciler.connectors);
    const config = withBuffer(assignment.config, share);
    await starts.turn(stopping);
    using watch = monitor.add(config);
    const itsLogger = loggerOf(flags, config, context);
    const tracing = spans?.tracing(config.name) ?? null;
    const observer = observers(
      new LogObserver(itsLogger),
      ...watch.observers,
      tracing?.observer ?? {},
    );
    stopping.addEventListener("abort", watch.stopping);
    const signals = signalsFor(config, itsLogger, { stopping }, lease.expired);
    await runConnector(
      flags,
      context,
      {
        config,
        commons,
        mayWrite: lease.throwIfExpired,
        isServed: true,
        logger: itsLogger,
        observer,
        tracing,
      },
      signals,
    );
  };
  const supervisor = new Supervisor({
    run,
    clock,
    failed: ({ config }, error) => {
      const reason = reasonOf(error);
      logger.error(
        { connector: config.name, reason },
        "connector failed; it starts again by itself",
      );
    },
  });
  await using membership =
    cluster.config === null
      ? null
      : new Membership({
          kafka: kafkaOf(cluster.config, logger),
          group: cluster.config.group,
          instance,
          clock,
          logger,
          changed: () => {
            reconciler.reconcile();
          },
        });
  const reconciler: Reconciler = new Reconciler({
    folder,
    cluster,
    supervisor,
    assignments: membership ?? standalone(instance),
    clock,
    logger,
    looked: (configs) =>
      monitor.serve(configs.flatMap(({ server }) => server ?? [])),
  });
  logger.info({ version, folder: folder.path, instance }, "running a folder");
  void membership?.join(context.stopping).catch(() => undefined);
  await reconciler.run(context.stopping);
  logger.info("stopped");
  return 0;
}

function withBuffer(config: Config, mostBytes: number): Config {
  const { maxBufferedBytes: own, ...delivery } = config.delivery;
  const maxBufferedBytes = Math.min(own, mostBytes);
  return { ...config, delivery: { ...delivery, maxBufferedBytes } };
}
