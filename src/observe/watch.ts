import type { Config } from "../config/definition/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Observer, Server } from "../domain/observer.ts";
import { schemasOf, valueFormats } from "../format/value-formats.ts";
import { Health } from "./status/health.ts";
import { MetricsObserver } from "./metrics/metrics-observer.ts";
import type { Setting, Status } from "./status/status.ts";
import { StatusObserver } from "./status/status-observer.ts";
import { TypeLabels } from "./metrics/type-labels.ts";

export interface WatchOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly version: string;
  /** False when events go to standard output, and no broker is asked for. */
  readonly toKafka: boolean;
  /** True when its figures stand beside those of other connectors. */
  readonly isOneOfMany: boolean;
}

/** What is known of one connector while it runs, and the observers that feed it. */
export interface Watch {
  readonly observers: readonly Partial<Observer>[];
  readonly metrics: MetricsObserver;
  readonly status: () => Status;
  /** It was asked to stop. */
  readonly stopping: () => void;
}

export function watch(options: WatchOptions): Watch {
  const { config, clock, version, isOneOfMany } = options;
  const types = new TypeLabels();
  const health = new Health({ needed: neededBy(options), clock });
  const connector = isOneOfMany ? config.name : null;
  const metrics = new MetricsObserver({ version, clock, types, connector });
  const setting = settingOf(options);
  const status = new StatusObserver({ setting, health, clock, types });
  return {
    observers: [health, metrics, status],
    metrics,
    status: () => status.status(),
    stopping: () => {
      health.stopping();
    },
  };
}

function neededBy({ config, toKafka }: WatchOptions): Server[] {
  return [
    ...(toKafka ? (["kafka"] as const) : []),
    ...(schemasOf(config.format.value) === null ? [] : (["registry"] as const)),
  ];
}

function settingOf({ config, version, toKafka }: WatchOptions): Setting {
  const { name, sell, kafka, topics, format, delivery } = config;
  return {
    connector: name,
    version,
    sell: sell.baseUrl,
    toKafka,
    to: toKafka ? kafka.brokers.join(", ") : "standard output",
    schemaRegistry:
      schemasOf(format.value) === null
        ? null
        : (config.schemaRegistry?.url ?? null),
    topics: topics.pattern.replaceAll("{name}", name),
    deadLetterTopic: delivery.deadLetterTopic,
    envelope: format.envelope,
    value: format.value,
    valueTitle: valueFormats[format.value].title,
    pollIntervalMs: sell.pollIntervalMs,
  };
}
