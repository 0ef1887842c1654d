import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Clock } from "../pipeline/clock.ts";
import type { Observer, Server } from "../pipeline/observer.ts";
import { Health } from "./health.ts";
import { HttpServer } from "./http-server.ts";
import { MetricsObserver } from "./metrics-observer.ts";
import type { Setting } from "./status.ts";
import { StatusObserver } from "./status-observer.ts";
import { TypeLabels } from "./type-labels.ts";

export interface MonitorOptions {
  readonly config: Config;
  readonly address: NonNullable<Config["server"]>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly version: string;
  /** False when events go to standard output, and no broker is asked for. */
  readonly toKafka: boolean;
  readonly stopping: AbortSignal;
}

/** What an operator sees of a connector over HTTP, and the observers that feed it. */
export interface Monitor extends AsyncDisposable {
  readonly observers: readonly Partial<Observer>[];
  /** Null when nothing is served. */
  readonly url: string | null;
}

/** Serves from now on, before anything else is reached. Rejects when the address can't be used. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { address, clock, version, logger, stopping } = options;
  const setting = settingOf(options);
  const types = new TypeLabels();
  const health = new Health({ needed: neededBy(options), clock });
  const metrics = new MetricsObserver({ version, clock, types });
  const status = new StatusObserver({ setting, health, clock, types });
  const server = await HttpServer.start({
    ...address,
    metrics,
    status: () => status.status(),
  });
  logger.info({ url: server.url }, "serving metrics, probes and status page");
  const onStop = () => {
    health.stopping();
  };
  stopping.addEventListener("abort", onStop);
  return {
    observers: [health, metrics, status],
    url: server.url,
    async [Symbol.asyncDispose]() {
      stopping.removeEventListener("abort", onStop);
      await server[Symbol.asyncDispose]();
    },
  };
}

function neededBy({ config, toKafka }: MonitorOptions): Server[] {
  return [
    ...(toKafka ? (["kafka"] as const) : []),
    ...(config.format.value === "avro" ? (["registry"] as const) : []),
  ];
}

function settingOf({ config, version, toKafka }: MonitorOptions): Setting {
  const { name, sell, kafka, topics, format, delivery } = config;
  return {
    connector: name,
    version,
    sell: sell.baseUrl,
    toKafka,
    to: toKafka ? kafka.brokers.join(", ") : "standard output",
    schemaRegistry:
      format.value === "avro" ? (config.schemaRegistry?.url ?? null) : null,
    topics: topics.pattern.replaceAll("{name}", name),
    deadLetterTopic: delivery.deadLetterTopic,
    envelope: format.envelope,
    value: format.value,
    pollIntervalMs: sell.pollIntervalMs,
  };
}
