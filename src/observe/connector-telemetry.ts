import { needsRegistry, valueFormats } from "../format/value-formats.ts";
import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import type { Clock } from "../lib/clock.ts";
import { onEveryEvent, type Observer } from "../domain/observer.ts";
import { HttpServer, logServing } from "./http/http-server.ts";
import { MetricsObserver } from "./metrics/metrics-observer.ts";
import { registerConnectorReady } from "./metrics/readiness-gauge.ts";
import { TypeLabels } from "./metrics/type-counts.ts";
import type { ConnectorTroubles } from "./troubles/connector-troubles.ts";
import type { Settings, Status } from "./status/status.ts";
import { StatusObserver } from "./status/status-observer.ts";

export interface ConnectorTelemetryOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly version: string;
  /** False when events go to standard output and no broker is used. */
  readonly toKafka: boolean;
  readonly troubles: ConnectorTroubles;
  /** True when the process also serves the metrics of other connectors. */
  readonly isOneOfMany: boolean;
}

/** The metrics and the status of one running connector, and the observers that feed them, after its troubles. */
export interface ConnectorTelemetry {
  readonly observers: readonly Partial<Observer>[];
  readonly metrics: MetricsObserver;
  readonly status: () => Status;
  /** Notes that the connector was asked to stop. */
  readonly stopping: () => void;
}

export function createConnectorTelemetry(
  options: ConnectorTelemetryOptions,
): ConnectorTelemetry {
  const { config, clock, version, isOneOfMany, troubles } = options;
  const types = new TypeLabels();
  const connector = isOneOfMany ? config.name : null;
  const metrics = new MetricsObserver({
    version,
    clock,
    types,
    connector,
    waiting: () => troubles.waiting(),
  });
  const settings = toSettings(options);
  const status = new StatusObserver({ settings, troubles, clock, types });
  // Of many connectors, some don't run and have no telemetry: the fleet's metrics have this one.
  if (!isOneOfMany)
    registerConnectorReady(metrics.registry, () => [
      { name: config.name, ready: troubles.list().length === 0 },
    ]);
  return {
    observers: [
      metrics,
      status,
      onEveryEvent(() => {
        status.lookAtOutage();
      }),
    ],
    metrics,
    status: () => status.status(),
    stopping: () => {
      troubles.readiness.stopping();
    },
  };
}

export interface ServedConnectorOptions extends Omit<
  ConnectorTelemetryOptions,
  "isOneOfMany"
> {
  readonly address: NonNullable<Config["server"]>;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** The telemetry of one connector, served over HTTP until it is disposed of. */
export interface ServedConnector extends AsyncDisposable {
  readonly observers: readonly Partial<Observer>[];
  /** Null when no HTTP server runs. */
  readonly url: string | null;
}

/**
 * Starts the HTTP server before the connector reaches any other server.
 * Rejects when the address can't be used.
 */
export async function serveConnector(
  options: ServedConnectorOptions,
): Promise<ServedConnector> {
  const { address, logger, stopping } = options;
  const telemetry = createConnectorTelemetry({
    ...options,
    isOneOfMany: false,
  });
  const { observers, metrics, status } = telemetry;
  const server = await HttpServer.start({ ...address, metrics, status });
  logServing(server, logger);
  stopping.addEventListener("abort", telemetry.stopping);
  return {
    observers,
    url: server.url,
    async [Symbol.asyncDispose]() {
      stopping.removeEventListener("abort", telemetry.stopping);
      await server[Symbol.asyncDispose]();
    },
  };
}

function toSettings({
  config,
  version,
  toKafka,
}: ConnectorTelemetryOptions): Settings {
  const { name, sell, kafka, topics, format, delivery } = config;
  return {
    connector: name,
    version,
    sell: sell.baseUrl,
    toKafka,
    to: toKafka ? kafka.brokers.join(", ") : "standard output",
    schemaRegistry: needsRegistry(format.value)
      ? (config.schemaRegistry?.url ?? null)
      : null,
    topics: topics.pattern.replaceAll("{name}", name),
    deadLetterTopic: delivery.deadLetterTopic,
    envelope: format.envelope,
    layout: format.layout,
    value: format.value,
    valueTitle: valueFormats[format.value].title,
    pollIntervalMs: sell.pollIntervalMs,
  };
}
