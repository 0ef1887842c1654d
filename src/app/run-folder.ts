import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { reasonOf } from "../lib/text/reason-of.ts";
import { ClusterFile } from "../config/folder/cluster-file.ts";
import { ConfigFolder } from "../config/folder/config-folder.ts";
import type { Config } from "../config/definition/config.ts";
import type { Assignment } from "../supervisor/connector-runner.ts";
import { Reconciler } from "../supervisor/reconciler.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { GROUP_PROTOCOL } from "../cluster/group-protocol.ts";
import { Membership } from "../cluster/membership.ts";
import { standalone } from "../cluster/assignments.ts";
import { FleetTelemetry } from "../observe/fleet-telemetry.ts";
import { DrainLog } from "../observe/log/drain-log.ts";
import { LogObserver } from "../observe/log/log-observer.ts";
import { TroubleLog } from "../observe/log/trouble-log.ts";
import { ConnectorTroubles } from "../observe/troubles/connector-troubles.ts";
import type { SpanExport } from "../observe/traces/span-export.ts";
import { mostBufferedBytes } from "../pipeline/reading/most-buffered-bytes.ts";
import { systemClock } from "../lib/clock.ts";
import { observers } from "../domain/observer.ts";
import { RateLimiter } from "../sell/rate-limiter.ts";
import { version } from "../version.ts";
import { AppContext } from "./context/app-context.ts";
import type { ConnectorOptions } from "./connector.ts";
import { startSpanExport, type Environment } from "./observability.ts";
import { runConnector } from "./run-connector.ts";
import { groupCoordinator } from "../kafka/group/group-coordinator.ts";
import {
  kafkaFromConfig,
  SharedResources,
} from "./context/shared-resources.ts";
import { shutdownSignals } from "./shutdown.ts";

/** The buffer of all connectors of a process together, shared evenly. */
const BUFFERED_BYTES = Math.min(32 * 1024 * 1024, mostBufferedBytes);

/**
 * Limits how many connectors begin their first drains in the same moment, since each takes the
 * memory of a drain. All read the journal at once before, so that one reading serves them.
 */
const FIRST_DRAINS_PER_SECOND = 20;

export interface FolderOptions extends Pick<ConnectorOptions, "print"> {
  /** The folder's path. */
  readonly path: string;
  readonly env: Environment;
  /** Logs what concerns the process as a whole. */
  readonly logger: Logger;
  readonly createLogger: (config: Config) => Logger;
}

/** Runs a connector for each file of a folder, until `stopping`. Rejects with a ConfigError when its `cluster.json` is wrong. */
export async function runFolder(
  options: FolderOptions,
  stopping: AbortSignal,
): Promise<void> {
  const { path, env, logger, print } = options;
  const clock = systemClock;
  const instance = `${hostname()}-${randomBytes(3).toString("hex")}`;
  const folder = new ConfigFolder(path, env);
  const cluster = await ClusterFile.read(path, env);
  await using spans = await startSpanExport(logger, env);
  await using telemetry: FleetTelemetry = new FleetTelemetry({
    folder: path,
    instance,
    version,
    toKafka: print === null,
    clock,
    logger,
    survey: () => reconciler.state(),
  });
  const fleet: Fleet = {
    ...options,
    shared: new SharedResources(logger, clock),
    firstDrains: new RateLimiter(FIRST_DRAINS_PER_SECOND, clock),
    spans,
    telemetry,
    connectorCount: () => reconciler.connectors,
  };
  const supervisor = new Supervisor({
    run: (assignment, stoppingOne) =>
      runAssignment(fleet, assignment, stoppingOne),
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
          coordinator: groupCoordinator(
            kafkaFromConfig(cluster.config.kafka, logger),
            { group: cluster.config.group, ...GROUP_PROTOCOL },
          ),
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
    looked: (served) => {
      telemetry.noteTroubles();
      return telemetry.serve(served.flatMap(({ server }) => server ?? []));
    },
  });
  logger.info({ version, folder: path, instance }, "running a folder");
  membership?.start();
  await reconciler.run(stopping);
  logger.info("stopped");
}

/** Settings and resources shared by the connectors of a folder. */
interface Fleet extends FolderOptions {
  readonly shared: SharedResources;
  /** Limits how many connectors begin their first drains at once. */
  readonly firstDrains: RateLimiter;
  readonly spans: SpanExport | null;
  readonly telemetry: FleetTelemetry;
  readonly connectorCount: () => number;
}

async function runAssignment(
  fleet: Fleet,
  { config: ownConfig, lease }: Assignment,
  stopping: AbortSignal,
): Promise<void> {
  const { shared, telemetry, spans, print, firstDrains } = fleet;
  const share = Math.floor(BUFFERED_BYTES / fleet.connectorCount());
  const config = withBufferLimit(ownConfig, share);
  const logger = fleet.createLogger(config);
  const clock = systemClock;
  const teller = new TroubleLog({ logger, clock, isOneDrain: false });
  const toKafka = print === null;
  const troubles = new ConnectorTroubles({ config, clock, toKafka, teller });
  using connector = telemetry.add(config, troubles);
  const tracing = spans?.tracing(config.name) ?? null;
  const observer = observers(
    new LogObserver(logger),
    new DrainLog(logger, clock),
    troubles.observer,
    ...connector.observers,
    tracing?.observer ?? {},
  );
  stopping.addEventListener("abort", connector.stopping);
  await using app = AppContext.fromConfig(config, { logger, shared });
  await runConnector(
    app,
    {
      observer,
      tracing,
      print,
      isServed: true,
      firstTurn: (signal) => firstDrains.turn(signal),
      mayWrite: lease.throwIfExpired,
    },
    shutdownSignals(app, stopping, lease.expired),
  );
}

function withBufferLimit(config: Config, mostBytes: number): Config {
  const { maxBufferedBytes: own, ...delivery } = config.delivery;
  const maxBufferedBytes = Math.min(own, mostBytes);
  return { ...config, delivery: { ...delivery, maxBufferedBytes } };
}
